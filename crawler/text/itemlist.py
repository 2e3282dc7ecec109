"""Reading ``items.jsonl``: what each document's page says, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from crawler.errors import CorpusError
from crawler.items import Alternate, Crumb
from crawler.page.item import Item, ItemAuthor, ItemBlock, ItemCard, ItemDates, ItemImage
from crawler.text.corpus import ITEMS

NO_ITEM = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What `item_from` raises."""


def read_items(folder: Path) -> Iterator[Item]:
    """The items of the corpus in *folder*, in the order of its manifest.

    Raises:
        CorpusError: there are none, or a line cannot be read; the text names file and line.
    """
    path = folder / ITEMS
    try:
        stream = path.open("rb")
    except OSError as error:
        hint = "make it with `editions regenerate --all`"
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); {hint}") from error
    with stream:
        for number, line in enumerate(stream, 1):
            try:
                yield item_from(line)
            except NO_ITEM as error:
                raise CorpusError(
                    f"{path}: line {number}: no line of items ({error!r}); make it again with `editions regenerate`"
                ) from error


def item_from(line: bytes) -> Item:
    """The item that a line is. Raises one of `NO_ITEM` for what is none."""
    told: dict[str, Any] = json.loads(line.decode())
    plain = {one.name: told[one.name] for one in fields(Item)}
    return Item(
        **plain
        | {
            "authors": tuple(ItemAuthor(**one) for one in told["authors"]),
            "breadcrumbs": tuple(Crumb(**one) for one in told["breadcrumbs"]),
            "mainImage": _image(told["mainImage"]),
            "images": tuple(ItemImage(**one) for one in told["images"]),
            "alternativeHeadlines": tuple(told["alternativeHeadlines"]),
            "blocks": tuple(ItemBlock(**one) for one in told["blocks"]),
            "dateSources": ItemDates(**told["dateSources"]),
            "tags": tuple(told["tags"]),
            "related": tuple(ItemCard(**one | {"image": _image(one["image"])}) for one in told["related"]),
            "alternates": tuple(Alternate(**one) for one in told["alternates"]),
            "cookieNotice": tuple(told["cookieNotice"]),
        }
    )


def _image(told: dict[str, Any] | None) -> ItemImage | None:
    return ItemImage(**told) if told is not None else None
