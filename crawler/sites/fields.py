"""The fields of a profile, each read and judged: name, domains, URL patterns, editions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from crawler.sites import keys
from crawler.sites.domain import covering, read_domain
from crawler.sites.language import known_languages, read_language
from crawler.sites.pattern import UrlPattern
from crawler.sites.table import Table, suggest
from crawler.urls import split

_NAME = re.compile(r"\w[\w.:-]{0,99}")
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")


def read_name(top: Table) -> str:
    """A name that can name a folder and a file."""
    name = top.text("name")
    if not _NAME.fullmatch(name):
        raise top.refusal("name", f"{name!r} cannot name a folder; use letters, digits and . : _ -")
    return name


def read_domains(top: Table) -> tuple[str, ...]:
    """The hosts, in normal form."""
    written = top.texts("domains")
    if not written:
        raise top.refusal("domains", "names no host")
    try:
        return tuple(map(read_domain, written))
    except ValueError as error:
        raise top.refusal("domains", str(error)) from None


def read_editions(top: Table) -> Mapping[str, str]:
    """Code in URLs to language; at least one."""
    table = top.table("editions", needed=True)
    if not table.values:
        raise top.refusal("editions", 'names no edition; write a line such as sw = "sw" under [editions]')
    for code in table.values:
        _check_code(table, code)
    return {code: _read_language(table, code) for code in table.values}


def read_default_edition(top: Table, article_url: str, editions: Collection[str]) -> str | None:
    """The edition of URLs that name none; where no URL names any, the only one."""
    code = top.text("default_edition", "") if "default_edition" in top.values else None
    if code is not None and code not in editions:
        raise top.refusal("default_edition", f"{code!r} is no edition of this site; {suggest(code, editions)}")
    if "{edition}" in article_url:
        return code
    if len(editions) > 1:
        raise top.refusal("article_url", f"has no {{edition}}, but [editions] has {len(editions)}")
    return next(iter(editions))


def read_article_url(top: Table, domains: tuple[str, ...]) -> str:
    """The pattern of article URLs."""
    url = top.text("article_url")
    _check_pattern(top, "article_url", url, domains)
    if "{slug}" not in url and "{slug:path}" not in url:
        raise top.refusal("article_url", f"{url!r} has no {{slug}}")
    return url


def read_start_urls(top: Table, domains: tuple[str, ...]) -> tuple[str, ...]:
    """The pages that a crawl starts from."""
    urls = top.texts("start_urls")
    if not urls:
        raise top.refusal("start_urls", "names no page to start from")
    for url in urls:
        _check_pattern(top, "start_urls", url, domains)
        if "{slug" in url:
            raise top.refusal("start_urls", f"{url!r} has a {{slug}}; only {{edition}} can stand in a start URL")
    return urls


def _check_code(table: Table, code: str) -> None:
    if code in keys.PLACES:
        raise table.refusal(code, f"belongs {keys.PLACES[code]}")
    if not _CODE.fullmatch(code):
        raise table.refusal(code, "cannot stand in a URL as one segment; use letters, digits, _ and -")
    if any(other != code and other.lower() == code.lower() for other in table.values):
        raise table.refusal(code, "differs from another edition only by upper and lower case")


def _read_language(table: Table, code: str) -> str:
    tag = table.text(code)
    try:
        return read_language(tag)
    except ValueError as error:
        raise table.refusal(code, f"{tag!r} {error}; {_nearest_language(code, tag)}") from None


def _nearest_language(code: str, tag: str) -> str:
    """What was probably meant: the tag with hyphens, the code itself, or the nearest known one."""
    for guess in (tag.replace("_", "-"), code):
        try:
            return f"did you mean {read_language(guess)!r}?"
        except ValueError:
            continue
    return suggest(tag, known_languages())


def _check_pattern(top: Table, key: str, url: str, domains: tuple[str, ...]) -> None:
    """Refuse what is no pattern, or lies on a host that is not the site's."""
    try:
        pattern = UrlPattern.parse(url)
        parts = split(pattern.fill("en", "slug"))
    except ValueError as error:
        raise top.refusal(key, f"{url!r}: {error}") from None
    if not covering(domains).fullmatch(f"{parts.host}:{parts.port}"):
        near = suggest(f"{parts.host}:{parts.port}", domains)
        why = f"{url!r} is on {parts.host!r} (port {parts.port}), which no entry of domains covers; {near}"
        raise top.refusal(key, why)
