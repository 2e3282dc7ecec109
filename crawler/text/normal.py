"""The normal form of the seed text format."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from crawler.items import Page


def normal(text: str) -> str:
    """NFC, ``\\n`` between lines, none at the end; nothing else: lines that hold a no-break space stay."""
    # Block by block, for most are ASCII; no character composes with a line break.
    blocks = text.split("\n\n")
    text = "\n\n".join([block if block.isascii() else unicodedata.normalize("NFC", block) for block in blocks])
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.rstrip("\n")


def normalised(page: Page) -> Page:
    """The page with its text in normal form; the same page where it is that already."""
    text = normal(page.text)
    return page if text == page.text else replace(page, text=text)
