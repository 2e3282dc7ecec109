"""The seed text format: the text of a page as Resiliparse writes it, without the page's own frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from importlib.metadata import version

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from crawler.items import Extractor
from crawler.page.fallback import trafilatura_version
from crawler.page.outline import Outline
from crawler.page.story import VERSION as RULES
from crawler.sites.options import PageOptions
from crawler.text.frame import VERSION, page_frame

MARK = "data-editions-frame"
"""Set on the elements to be skipped: which header is the page's own depends on more than a selector can say."""

_OPTIONS: dict[str, bool] = {"preserve_formatting": True, "main_content": False, "alt_texts": True}


def seed_text(tree: HTMLTree, skip: Iterable[str] = (), outline: Outline | None = None) -> str:
    """The text of *tree* in the seed text format, but for its normal form (see ``normal``).

    *skip* are CSS selectors of further elements to leave out (``[text] skip`` of the profile). The tree's own
    header, nav and footer are left out (see ``page_frame``), a header or footer inside the article is not. *outline*
    is the tree's, where it was made already.
    """
    own = outline or Outline(tree)
    own.mark(page_frame(own), MARK)
    if outline is None:
        own.let_go()
    text: str = extract_plain_text(tree, skip_elements=[f"[{MARK}]", *skip], **_OPTIONS)
    return text


def extractor(skip: Iterable[str] = (), hints: PageOptions | None = None) -> Extractor:
    """What :func:`seed_text` is, for the manifest: all that its text depends on, beside the page.

    The options are the arguments of ``extract_plain_text``, ``frame``, the version of the rule that finds the page's
    own header, nav and footer, and ``skip``, the profile's selectors. ``page`` is what the item depends on: its
    rules, the libraries asked where they find nothing (None for one that is not installed), the profile's *hints*.
    """
    options: dict[str, object] = {**_OPTIONS, "frame": VERSION, "skip": list(skip)}
    libraries = {"htmldate": version("htmldate"), "trafilatura": trafilatura_version()}
    options["page"] = {"rules": RULES, **libraries, **asdict(hints or PageOptions())}
    return Extractor("resiliparse", version("resiliparse"), options)


def profile_skip(made_by: Extractor) -> list[str]:
    """The profile's selectors that a document was made without."""
    skipped = made_by.options.get("skip")
    return [str(one) for one in skipped] if isinstance(skipped, list) else []


def profile_hints(made_by: Extractor) -> PageOptions:
    """The profile's hints that a document's item was made with."""
    told = made_by.options.get("page")
    given = (
        {one.name: told[one.name] for one in fields(PageOptions) if one.name in told}
        if isinstance(told, dict)
        else {}
    )
    return PageOptions(**{name: str(value) for name, value in given.items()})
