"""What the demo site does beside serving plain pages: every behaviour, where it shows, and why it is there."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.demo.labels import EDITIONS


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way in which the site behaves like the web; ``editions`` are those that it shows in."""

    name: str
    does: str
    why: str
    editions: tuple[str, ...] = EDITIONS


BEHAVIOURS = (
    Behaviour("gzip", "about half the stories come compressed to who accepts it", "an archive keeps the coded bytes"),
    Behaviour("chunked", "about half the stories come in chunks", "the chunk framing is part of the message"),
    Behaviour("close", "one story has no length and ends with the connection", "HTTP/1.0 ways are alive"),
    Behaviour("validators", "ETag and Last-Modified, answered by 304", "a second crawl need not fetch all again"),
    Behaviour("cookies", "front pages set two cookies", "repeated header fields must not be merged"),
    Behaviour("root", "/ redirects (302) to the English front page", "sites have no page at their root"),
    Behaviour("slash", "/EDITION/ and articles with a final slash redirect (301)", "one page, one address"),
    Behaviour("moved", "a story's old slug redirects (301)", "slugs are made from a first title, and titles change"),
    Behaviour(
        "latest", "an address for the newest story redirects (302)", "a temporary redirect is no canonical URL"
    ),
    Behaviour("chain", "an old address takes two redirects", "redirects come in chains", ("en", "ko")),
    Behaviour("tracking", "first cards link with utm_ parameters", "they make a thousand addresses of one page"),
    Behaviour("link forms", "cards link absolutely, relatively and to fragments", "an address is not its spelling"),
    Behaviour(
        "alias", "English articles are served without /en too, with rel=canonical", "two URLs, one document", ("en",)
    ),
    Behaviour(
        "twin",
        "one story under a second URL, naming no canonical",
        "an exact duplicate to be found by its text",
        ("en", "sv"),
    ),
    Behaviour(
        "near-copy", "one story slightly rewritten under another slug", "kept, and put in one cluster", ("en",)
    ),
    Behaviour("english", "some stories keep their English body in other editions", "as on real multilingual sites"),
    Behaviour("missing", "a link leads to 404", "links rot", ("en", "sw", "ja")),
    Behaviour("withdrawn", "a link leads to 410", "gone for good is not missing", ("en", "ar")),
    Behaviour("slow", "two pages take their time", "a crawl must not stand still for one page", ("en",)),
    Behaviour("busy", "one story answers 503 with Retry-After, then well", "a crawl that gives up loses it", ("en",)),
    Behaviour("members", "robots.txt disallows some articles that are linked", "politeness is tested", ("en", "sw")),
    Behaviour("pdf", "an article link leads to a PDF", "not all that is linked is a page", ("en", "fil")),
    Behaviour("empty", "an article is an empty HTML page", "a page without text makes no document", ("en", "yo")),
    Behaviour(
        "noindex", "tag pages and second front pages ask not to be indexed", "they are followed and make no document"
    ),
    Behaviour("charset", "one story comes in Shift_JIS", "not everything is UTF-8", ("ja",)),
    Behaviour("bare", "one story has no related cards", "links must be found elsewhere on the page too"),
    Behaviour("uuid", "some tag pages have a UUID after their slug", "as on the real site"),
    Behaviour("pages", "front pages go on under ?page=2", "not every query is noise"),
    Behaviour("changes", "some stories have another text from state 2 on", "a document has a history"),
    Behaviour("vanishes", "some stories are gone (410) from a state on, still linked", "the archive remembers them"),
    Behaviour("appears", "some stories are there only from a state on", "a second crawl finds what is new"),
)
"""The one table: a behaviour that is not in it is a mistake of the server."""


def behaviours() -> tuple[Behaviour, ...]:
    """All that the site does on purpose."""
    return BEHAVIOURS


def behaviour(name: str) -> Behaviour:
    """The behaviour called *name*. Raises StopIteration for a name that the table lacks."""
    return next(entry for entry in BEHAVIOURS if entry.name == name)
