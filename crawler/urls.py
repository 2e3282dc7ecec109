"""URLs: one spelling for each address, a page's canonical URL, and the identifier made from it."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

_CLEAN = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::(?:[1-9]\d{3}|[1-5]\d{4}))?"
    r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?",
    re.ASCII,
)
"""URLs that are normal already, as most links of a news page are: the quick way past the rest."""

_ORIGIN = re.compile(r"https?://[^/?#\\]+(?=/)")
_FROM_ROOT = re.compile(r"/(?![/\\])")
_HOST = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROLS_AND_SPACE = "".join(map(chr, range(0x21)))
_LINE_BREAKS = str.maketrans("", "", "\t\n\r")

# Only keys by which no site says which page it means. courlan's own list goes further: it takes `ref`, `source`,
# `session` and `keyword`, and by their first letters `gallery` and `glossary`.
_TRACKING_FAMILIES = ("utm_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "itm_")
_TRACKING_KEYS = frozenset(
    "gclid gclsrc gbraid wbraid dclid gad_source gad_campaignid srsltid _ga _gl fbclid igshid igsh msclkid "
    "twclid ttclid yclid ysclid _openstat li_fat_id epik mc_cid mc_eid mkt_tok _hsenc _hsmi __hstc __hssc __hsfp "
    "oly_anon_id oly_enc_id vero_id vero_conv s_kwcid s_cid ef_id irclickid wickedid rb_clickid "
    "at_medium at_campaign at_link_id at_link_type at_link_origin at_format at_ptr_name at_bbc_team "
    "ns_source ns_mchannel ns_campaign ns_linkname ocid ncid cmpid icid "
    "ref_src ref_url __twitter_impression _branch_match_id _branch_referrer".split()
)

_NO_ADDRESS = frozenset({"undefined", "null", "none", "nan", "false", "[object object]"})
"""What a broken template writes where a URL should stand."""

_TEMPLATE_LEFTOVER = re.compile(r"[{}<>\s]|\$\(|https?:.*https?:/", re.IGNORECASE)


class Parts(NamedTuple):
    """The parts of a normalised URL."""

    scheme: str
    user: str
    address: str
    """The host, with its port where that is not the scheme's own."""
    path: str
    query: str

    @property
    def host(self) -> str:
        """The host without port; an IPv6 address keeps its brackets."""
        return self.address if self._bare else self.address.rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port that is meant, whether written or not."""
        return _DEFAULT_PORTS[self.scheme] if self._bare else int(self.address.rpartition(":")[2])

    @property
    def _bare(self) -> bool:
        return ":" not in self.address or self.address.endswith("]")


class Site(Protocol):
    """What must be known of a site to judge a canonical URL; a ``Profile`` answers."""

    def owns(self, url: str) -> bool:
        """Whether the URL's host is the site's."""

    def edition_of(self, url: str) -> str | None:
        """The edition that a page of the site belongs to."""

    def article(self, url: str) -> object | None:
        """Something, if the URL is an article's."""


def is_web(url: str) -> bool:
    """Whether the URL is absolute and its scheme http or https."""
    scheme, separator, _ = url.partition("://")
    return bool(separator) and scheme.lower() in _DEFAULT_PORTS


def normalise(url: str) -> str:
    """The one spelling of a web address: ASCII, and the same again when normalised again.

    Gone are fragment, default port, dot segments, an empty query and tracking parameters (``utm_source``,
    ``fbclid``, …); scheme and host are lower case, the host punycode; escapes are upper case, and unreserved
    characters stand for themselves (RFC 3986, 6.2.2). The other query keys keep their order and spelling, and a
    trailing slash stays: only the server knows whether it matters.

    Raises:
        ValueError: the URL is not absolute, not of http or https, or no URL; the text names it.
    """
    if _CLEAN.fullmatch(url):
        return url
    try:
        return _normalise(url)
    except ValueError as error:
        raise ValueError(f"no web address: {url!r} ({error})") from None


def split(url: str) -> Parts:
    """The parts of a normalised URL, and of no other: several times faster than the general ``urlsplit``."""
    scheme, _, rest = url.partition("://")
    authority, _, tail = rest.partition("/")
    path, _, query = tail.partition("?")
    user, _, address = authority.rpartition("@")
    return Parts(scheme, user, address, f"/{path}", query)


def resolve(base_url: str, reference: str) -> str | None:
    """The normalised URL that a link on a page leads to, or None where it leads to no web page.

    ``base_url`` is the page's URL, or that of its ``<base>``. Links with a user's name in them
    (``http://info@example.org``, mostly a mistyped mail address) lead nowhere either.
    """
    try:
        url = normalise(_join(base_url, reference.strip(_CONTROLS_AND_SPACE).translate(_LINE_BREAKS)))
    except ValueError:
        return None
    return None if "@" in url and split(url).user else url


def canonical(
    page_url: str,
    declared: str | None,
    og_url: str | None = None,
    *,
    base_url: str | None = None,
    site: Site | None = None,
) -> str:
    """The canonical URL of a page: the first plausible of rel=canonical and og:url, else its own, normalised.

    Plausible is what lies on the same site and in the same edition, and, where the page is an article, is an
    article too: front pages and sections that a template declares for every page would make one document of all,
    and so would an edition that names another as its original. Without ``site`` the same site is the same
    registrable domain, and a site's root is not plausible for any other page.

    Args:
        page_url: where the page was found, after redirects.
        declared: the page's rel=canonical as written, from its link element or Link header; may be relative.
        og_url: the page's og:url as written.
        base_url: what relative URLs resolve against, if not ``page_url``.
        site: the site's profile.

    Raises:
        ValueError: ``page_url`` is no web address.
    """
    page = normalise(page_url)
    for reference in (declared, og_url):
        url = _declared_url(base_url or page_url, reference)
        if url is not None and _plausible(page, url, site):
            return _keep_scheme(page, url)
    return page


def document_id(canonical_url: str) -> str:
    """The first 16 hex digits of the SHA-256 of a canonical URL."""
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:16]


def _normalise(url: str) -> str:
    url = url.strip(_CONTROLS_AND_SPACE).translate(_LINE_BREAKS)
    if not is_web(url.replace("\\", "/")):
        raise ValueError("not absolute, or not http or https")
    address, _, query = safe_url_string(url).partition("#")[0].partition("?")
    parts = urlsplit(safe_url_string(canonicalize_url(address)))
    path = _escapes(parts.path) or "/"
    return urlunsplit((parts.scheme, _authority(parts), path, _query(query), ""))


def _join(base_url: str, reference: str) -> str:
    """``urljoin``, with a quick way for the two kinds of reference that most links are."""
    if _CLEAN.fullmatch(reference):
        return reference
    origin = _ORIGIN.match(base_url) if _FROM_ROOT.match(reference) else None
    return f"{origin[0]}{reference}" if origin else urljoin(base_url, reference)


def _authority(parts: SplitResult) -> str:
    """User, host and port, without a default port and without the root's dot after the host."""
    user, at, _ = parts.netloc.rpartition("@")
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}").removesuffix(":")
    host = host.lower().removesuffix(".")
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is no host")
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{user}{at}{host}{port}"


def _query(query: str) -> str:
    """A query without its empty and its tracking parameters."""
    return "&".join(part for part in _escapes(query).split("&") if part and not _tracks(part))


def _tracks(parameter: str) -> bool:
    key = parameter.partition("=")[0].lower()
    return key in _TRACKING_KEYS or key.startswith(_TRACKING_FAMILIES)


def _escapes(text: str) -> str:
    """Escapes in upper case; those of unreserved characters undone (RFC 3986, 6.2.2.1 and 6.2.2.2)."""
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _declared_url(base_url: str, reference: str | None) -> str | None:
    """The web address that a page declares, or None where it is empty or the leftover of a template."""
    written = (reference or "").strip()
    if not written or written.startswith("#") or _TEMPLATE_LEFTOVER.search(written):
        return None
    last = written.split("?")[0].rstrip("/").rpartition("/")[2]
    return None if last.lower() in _NO_ADDRESS else resolve(base_url, written)


def _plausible(page: str, url: str, site: Site | None) -> bool:
    if site is None:
        return _registrable(page) == _registrable(url) and (not _is_root(url) or _is_root(page))
    if not site.owns(url) or site.edition_of(page) != site.edition_of(url):
        return False
    if site.article(page) is not None:
        return site.article(url) is not None
    return not _is_root(url) or _is_root(page)


def _registrable(url: str) -> str:
    """The domain that a site's owner registered; for an IP address or a single label the whole host and port."""
    from courlan import extract_domain  # a tenth of a second to import, and none who knows the site asks

    parts = split(url)
    return extract_domain(url) or f"{parts.host}:{parts.port}"


def _is_root(url: str) -> bool:
    parts = split(url)
    return parts.path == "/" and not parts.query


def _keep_scheme(page: str, url: str) -> str:
    """The URL in https if the page came over https: sites that moved often still declare their http address."""
    if page.startswith("https:") and url.startswith("http:") and split(url).port == _DEFAULT_PORTS["http"]:
        return f"https{url.removeprefix('http')}"
    return url
