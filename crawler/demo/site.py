"""The demo site: from a path to an answer, with no socket in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

from crawler.demo import feeds, lists
from crawler.demo.answer import HTML, PLAIN, Answer, Manner, redirect
from crawler.demo.article import article_page
from crawler.demo.catalogue import STATE_TIMES, Catalogue
from crawler.demo.images import SCENES, SIZES, favicon, picture
from crawler.demo.labels import EDITIONS, TAGS
from crawler.demo.oddities import Oddity, article, oddities
from crawler.demo.pdf import pdf
from crawler.demo.shell import Desk, stylesheet, tag_path
from crawler.demo.story import Story, load_stories

Page = Callable[[], Answer]

EMPTY = b"<!doctype html>\n<html><head><title></title></head><body></body></html>\n"

LISTING = Manner(gzip=True, framing="chunked")


class DemoSite:
    """Every page of the site in one *state*, made when first asked for and then kept.

    *origin*, such as ``http://127.0.0.1:8000``, stands before the paths of absolute links.
    Raises ValueError for a state that the site does not have, StoryError for a story that cannot be read.
    """

    def __init__(
        self, stories: tuple[Story, ...] | None = None, *, state: int = 1, origin: str = "http://127.0.0.1:8000"
    ) -> None:
        stories = load_stories() if stories is None else stories
        self.catalogue = Catalogue(stories, state)
        self.origin = origin
        self._before = DemoSite(stories, state=state - 1, origin=origin) if state > 1 else None
        self._pages: dict[str, Page] = {}
        self._made: dict[str, Answer] = {}
        self._add_files()
        for edition in EDITIONS:
            self._add_edition(Desk(edition, self.catalogue, origin))

    def answer(self, target: str) -> Answer:
        """The answer to a GET of *target*: a path with or without a query."""
        parts = urlsplit(target)
        key = parts.path
        if number := parse_qs(parts.query).get("page"):
            key = f"{key}?page={number[0]}"
        if key not in self._pages:
            return self._absent(key)
        if key not in self._made:
            self._made[key] = self._pages[key]()
        return self._made[key]

    def paths(self) -> tuple[str, ...]:
        """Every path that has an answer of its own; all others are 404."""
        return tuple(self._pages)

    def _add_files(self) -> None:
        files: dict[str, tuple[str, Callable[[], bytes]]] = {
            "/style.css": ("text/css; charset=utf-8", lambda: stylesheet("style.css").encode()),
            "/favicon.ico": ("image/vnd.microsoft.icon", favicon),
            "/robots.txt": ("text/plain; charset=utf-8", partial(feeds.robots, self.origin)),
            "/sitemap.xml": (feeds.XML, partial(feeds.sitemap_index, self.origin)),
        }
        for name in SCENES:
            for width in SIZES:
                files[f"/images/{name}-{width}.png"] = ("image/png", partial(picture, name, width))
        for path, (content_type, make) in files.items():
            self._pages[path] = partial(_file, content_type, make)
        self._pages["/"] = partial(redirect, 302, "/en")

    def _add_edition(self, desk: Desk) -> None:
        edition, pages = desk.edition, self._pages
        for number in range(1, lists.front_pages(desk) + 1):
            pages[f"/{edition}?page={number}"] = partial(self._front, desk, number)
        pages[f"/{edition}"] = pages[f"/{edition}?page=1"]
        pages[f"/{edition}/"] = partial(redirect, 301, f"/{edition}")
        pages[f"/{edition}/about"] = lambda: Answer(200, lists.about_page(desk))
        pages[f"/sitemaps/{edition}.xml"] = lambda: Answer(200, feeds.sitemap(desk), feeds.XML, manner=LISTING)
        for tag in TAGS:
            pages[tag_path(edition, tag)] = partial(_tag, desk, tag)
        for story in self.catalogue.edition(edition):
            self._add_story(desk, story)
        for oddity in oddities(self.catalogue, edition):
            if oddity.path not in pages:
                pages.update(self._odd_pages(desk, oddity))

    def _add_story(self, desk: Desk, story: Story) -> None:
        path = article(desk.edition, story.slug)
        self._pages[path] = partial(self._story, desk, story)
        self._pages[f"{path}/"] = partial(redirect, 301, path)
        if desk.edition == "en":
            self._pages[f"/articles/{story.slug}"] = partial(self._story, desk, story)

    def _odd_pages(self, desk: Desk, oddity: Oddity) -> Iterator[tuple[str, Page]]:
        target = oddity.target
        match oddity.behaviour:
            case "moved":
                yield oddity.path, partial(redirect, 301, target)
            case "latest":
                yield oddity.path, partial(redirect, 302, self.origin + target)
            case "chain":
                yield oddity.path, partial(redirect, 302, f"{target}/")
            case "twin" if self.catalogue.cast.twin:
                yield oddity.path, partial(self._story, desk, self.catalogue.cast.twin, anonymous=True)
            case "withdrawn" | "vanishes":
                yield oddity.path, lambda: Answer(410, lists.apology(desk, 410, "Gone"))
            case "members":
                yield oddity.path, lambda: Answer(200, lists.members_page(desk, oddity.words))
            case "pdf":
                yield oddity.path, lambda: Answer(200, pdf(oddity.words), "application/pdf")
            case "empty":
                yield oddity.path, lambda: Answer(200, EMPTY)

    def _story(self, desk: Desk, story: Story, *, anonymous: bool = False) -> Answer:
        body, content_type = article_page(desk, story, anonymous=anonymous), HTML
        if story == self.catalogue.cast.charset and desk.edition == "ja":
            body, content_type = _shift_jis(body)
        path = article(desk.edition, story.slug)
        modified = self._modified(path, body, story.published)
        return Answer(200, body, content_type, modified=modified, manner=self._manner(desk, story))

    def _modified(self, path: str, body: bytes, first: datetime) -> datetime:
        """When the page, cards included, last changed: since the state before, or earlier."""
        if self._before is None:
            return first
        before = self._before.answer(path)
        same = before.status == 200 and before.body == body
        return (before.modified or first) if same else STATE_TIMES[self.catalogue.state]

    def _manner(self, desk: Desk, story: Story) -> Manner:
        cast, number = self.catalogue.cast, crc32(story.slug.encode())
        if story == cast.close:
            return Manner(framing="close")
        return Manner(
            gzip=bool(number & 1),
            framing="chunked" if number & 2 else "length",
            slow=story in cast.slow and desk.edition == "en",
            busy=story == cast.busy and desk.edition == "en",
        )

    def _front(self, desk: Desk, number: int) -> Answer:
        cookies = (
            ("Set-Cookie", f"edition={desk.edition}; Path=/"),
            ("Set-Cookie", "consent=unset; Path=/; SameSite=Lax"),
        )
        return Answer(200, lists.front_page(desk, number), headers=cookies, manner=LISTING)

    def _absent(self, key: str) -> Answer:
        edition = key.split("/")[1] if key.startswith("/") else ""
        desk = Desk(edition if edition in EDITIONS else "en", self.catalogue, self.origin)
        return Answer(404, lists.apology(desk, 404, "Not Found"))


def _file(content_type: str, make: Callable[[], bytes]) -> Answer:
    manner = PLAIN if content_type.startswith("image/") else Manner(gzip=True)
    return Answer(200, make(), content_type, modified=STATE_TIMES[1], manner=manner)


def _tag(desk: Desk, tag: str) -> Answer:
    return Answer(200, lists.tag_page(desk, tag), manner=Manner(gzip=True))


def _shift_jis(html: bytes) -> tuple[bytes, str]:
    """The page in Shift_JIS as browsers know it (code page 932), with references for what it lacks."""
    text = html.decode().replace('<meta charset="utf-8">', '<meta charset="Shift_JIS">')
    return text.encode("cp932", "xmlcharrefreplace"), "text/html; charset=Shift_JIS"
