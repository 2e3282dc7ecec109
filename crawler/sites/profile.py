"""A site's profile: its hosts, its editions and the patterns of its URLs, read from a short TOML file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crawler.errors import ProfileError
from crawler.labels.label import Kind
from crawler.sites import fields, keys
from crawler.sites.domain import covering
from crawler.sites.language import names_language
from crawler.sites.options import CrawlOptions, PageOptions, TextOptions, read_labels
from crawler.sites.pattern import UrlPattern
from crawler.sites.table import read, suggest
from crawler.urls import normalise, split

FOLDER = Path(__file__).parent
"""Where the profiles of the known sites lie."""


@dataclass(frozen=True, slots=True)
class Article:
    """Which article a URL is of: the edition's code, and the slug as it is written in the URL (percent-encoded)."""

    edition: str
    slug: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A news site and what is known of it."""

    name: str
    domains: tuple[str, ...]
    """Hosts, or hosts with a port. A host without a port stands for its subdomains and every port too."""
    article_url: str
    start_urls: tuple[str, ...]
    default_edition: str | None
    """The edition of URLs that name none."""
    editions: Mapping[str, str]
    """Code in URLs to language (BCP 47)."""
    path: Path
    """The file that it was read from."""
    allow_private_addresses: bool = False
    text: TextOptions = field(default_factory=TextOptions)
    page: PageOptions = field(default_factory=PageOptions)
    crawl: CrawlOptions = field(default_factory=CrawlOptions)
    labels: Mapping[str, Mapping[Kind, tuple[str, ...]]] = field(default_factory=dict)
    """What the site says on its pages, where that need not be learnt: by edition, then kind."""
    _articles: tuple[UrlPattern, ...] = field(init=False, repr=False, compare=False)
    """The patterns of article URLs: with an edition and, where a default is known, without."""
    _places: tuple[UrlPattern, ...] = field(init=False, repr=False, compare=False)
    """The patterns that show where a page's URL names its edition."""
    _hosts: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        article = UrlPattern.parse(self.article_url)
        bare = article.without_edition() if self.default_edition else None
        starts = tuple(UrlPattern.parse(url) for url in self.start_urls)
        object.__setattr__(self, "_hosts", covering(self.domains))
        object.__setattr__(self, "_articles", (article, bare) if bare else (article,))
        object.__setattr__(self, "_places", tuple(p for p in (article, *starts) if p.has_edition))

    def article(self, url: str) -> Article | None:
        """The article that a URL is of, or None: not this site's, not an article's, or of no known edition.

        The URL may be in any spelling. One without its edition belongs to ``default_edition``, so that
        ``https://allthe.news/articles/x`` and ``https://allthe.news/en/articles/x`` are the same article.
        """
        address = _address(url)
        if address is None:
            return None
        matches = (pattern.match(address) for pattern in self._articles)
        articles = (self._article(address, found) for found in matches if found is not None)
        return next(filter(None, articles), None)

    def article_url_for(self, edition: str, slug: str) -> str:
        """The URL of an article; ``slug`` as in ``Article``.

        Raises:
            ProfileError: the site has no such edition.
        """
        return self._articles[0].fill(self._known_edition(edition), slug)

    def start_urls_for(self, editions: Iterable[str]) -> tuple[str, ...]:
        """The start URLs of these editions, each once, in the profile's order.

        A start URL without ``{edition}`` is there for every choice.

        Raises:
            ProfileError: the site has no such edition.
        """
        codes = [self._known_edition(code) for code in editions]
        patterns = [UrlPattern.parse(url) for url in self.start_urls]
        filled = [p.fill(code) for p in patterns for code in (codes if p.has_edition else codes[:1])]
        return tuple(dict.fromkeys(filled))

    def owns(self, url: str) -> bool:
        """Whether a URL's host is the site's: one of its domains, or a subdomain of one (``www.example.org``).

        A domain with a port stands for that port alone, one without for every port.
        """
        address = _address(url)
        if address is None:
            return False
        parts = split(address)
        return self._hosts.fullmatch(f"{parts.host}:{parts.port}") is not None

    def edition_of(self, url: str) -> str | None:
        """The code of the edition that any page of the site belongs to: article, front page or tag page.

        The code stands where ``article_url`` or a start URL has ``{edition}``. A page that names none belongs to
        ``default_edition``; one that names a language which is no edition here (``/zh/…``) belongs to none.
        """
        address = _address(url)
        if address is None:
            return None
        foreign = not self.owns(address)
        for pattern in self._places:
            place = pattern.edition_place(address)
            if place and (code := self._code(place)):
                return code
            foreign = foreign or (place is not None and names_language(place))
        return None if foreign else self.default_edition

    def _article(self, address: str, found: Mapping[str, str]) -> Article | None:
        code = self._code(found["edition"]) if "edition" in found else self._unnamed(address, found["slug"])
        return Article(code, found["slug"]) if code else None

    def _unnamed(self, address: str, slug: str) -> str | None:
        """The edition of an article whose URL names none.

        Where the pattern is ``/{edition}/{slug}``, ``/sw`` is no article but the front page of an edition, and
        ``/zh`` that of one not known here.
        """
        front_page = len(self._articles) > 1 and self._code(slug) is not None
        return None if front_page or self.edition_of(address) != self.default_edition else self.default_edition

    def _code(self, written: str) -> str | None:
        """The edition whose code this is, in any case: hosts are always lower case."""
        if written in self.editions:
            return written
        return next((code for code in self.editions if code.lower() == written.lower()), None)

    def _known_edition(self, code: str) -> str:
        if code not in self.editions:
            raise ProfileError(f"{self.name} has no edition {code!r}; {suggest(code, self.editions)}")
        return code


def known() -> list[Profile]:
    """The profiles of the known sites, by name."""
    return [load(path) for path in sorted(FOLDER.glob("*.toml"))]


def find(name_or_path: str) -> Profile:
    """The profile of a known site (``allthe.news``), or the one in a TOML file.

    Raises:
        ProfileError: no such site or file (naming the nearest known site), or a profile that cannot be used.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.toml"))
    if name_or_path in names:
        return load(FOLDER / f"{name_or_path}.toml")
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1 or path.is_file():
        return load(path)
    raise ProfileError(
        f"no site is known as {name_or_path!r}; {suggest(name_or_path, names)} "
        "(or give the path of a profile, a TOML file)"
    )


def load(path: Path | str) -> Profile:
    """Read a profile.

    Raises:
        ProfileError: it cannot be read or used; the text names the file, the key and the nearest right one.
    """
    top = read(Path(path), ProfileError)
    top.allow(keys.TOP, keys.PLACES)
    domains = fields.read_domains(top)
    editions = fields.read_editions(top)
    article_url = fields.read_article_url(top, domains)
    return Profile(
        name=fields.read_name(top),
        domains=domains,
        article_url=article_url,
        start_urls=fields.read_start_urls(top, domains),
        default_edition=fields.read_default_edition(top, article_url, editions),
        allow_private_addresses=top.flag("allow_private_addresses", False),
        editions=editions,
        text=TextOptions.read(top.table("text")),
        page=PageOptions.read(top.table("page")),
        crawl=CrawlOptions.read(top.table("crawl")),
        labels=read_labels(top.table("labels"), editions),
        path=top.path,
    )


def _address(url: str) -> str | None:
    try:
        return normalise(url)
    except ValueError:
        return None
