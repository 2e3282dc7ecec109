"""Bodies that the page's structure does not tell: asked of trafilatura, where it is installed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from crawler.page.texts import tidy


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
