"""Bodies that the page's structure does not tell: asked of trafilatura, where it is installed."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from crawler.page.outline import Outline
from crawler.page.texts import text_of, tidy

_FRAME = ("nav", "header", "footer")
_CAPTION = 20
"""Characters of a caption that no sentence says by chance."""


@cache
def trafilatura_version() -> str | None:
    """The version that is installed (``pip install 'editions[trafilatura]'``); None where none is."""
    try:
        return version("trafilatura")
    except PackageNotFoundError:
        return None


def body_by_trafilatura(html: str) -> list[str]:
    """The paragraphs that it finds; none where it finds nothing, cannot read the page or is not installed."""
    if trafilatura_version() is None:
        return []
    from trafilatura import extract  # costs a third of a second to import, and few pages need it

    try:
        found = extract(html, include_comments=False, include_tables=False)
    except (ValueError, RecursionError, AttributeError, TypeError):
        return []
    return [text for line in (found or "").splitlines() if (text := tidy(line))]


def guessed_body(outline: Outline, html: str, known: Collection[str], captions: Collection[str]) -> list[str]:
    """The same without what is *known* as something else, and without the texts of the page's frame; none where
    captions have run into it.
    """
    found = [one for one in body_by_trafilatura(html) if one not in known and one not in captions]
    if any(caption in one for caption in captions if len(caption) >= _CAPTION for one in found):
        return []
    frame = {text_of(one) for around in outline.all(*_FRAME) for one in (around, *around.all)} if found else set()
    return [one for one in found if one not in frame]
