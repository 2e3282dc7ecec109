"""The frontier on disk: which URLs wait, which are done, and how each one ended. SQLite; no Scrapy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from crawler.state import State

Kind = Literal["article", "hub", "requisite"]

NOT_REACHED = "not-reached"
PAGES = ("captured", "revisit", "not-modified")
"""Endings with a page."""

AGAIN = (*PAGES, "failed", "robots", NOT_REACHED)
"""Endings after which a recrawl asks again, whether or not a link leads there: a page may have come or changed."""

_BUSY = "outcome = 'status' AND (reason IN ('408', '429') OR reason LIKE '5__')"
"""A server's trouble, after which it asks again too."""

KNOWN = -900_000
"""Priority of articles that an earlier crawl captured: after all that is new, before what browsers need."""

_HAD = f"kind = 'requisite' AND outcome IN {PAGES!r}"
"""What an unchanged page needs, and has: that is not asked for again."""

_REMEMBERED = 100_000
"""Known URLs kept in memory, some 7 MB."""

_DEEPEST = 2**62
"""SQLite's numbers end a little beyond."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS crawls (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, after TEXT NOT NULL, finished INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS urls (
    hash INTEGER PRIMARY KEY, url TEXT NOT NULL, kind TEXT NOT NULL, edition TEXT, depth INTEGER NOT NULL,
    priority INTEGER NOT NULL, via TEXT, crawl INTEGER NOT NULL, added INTEGER NOT NULL,
    hops INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, outcome TEXT, reason TEXT,
    barren INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS urls_waiting ON urls (priority DESC, added) WHERE outcome IS NULL;
DROP INDEX IF EXISTS others_waiting;
CREATE INDEX IF NOT EXISTS always_waiting ON urls (priority DESC, added)
    WHERE outcome IS NULL AND (kind = 'requisite' OR kind = 'hub' AND depth = 0);
CREATE INDEX IF NOT EXISTS urls_of_crawl ON urls (crawl, outcome);
CREATE TABLE IF NOT EXISTS waits (host TEXT PRIMARY KEY, asked REAL NOT NULL, seconds REAL NOT NULL);
"""


_ADD = """
INSERT INTO urls (hash, url, kind, edition, depth, priority, via, hops, barren, crawl, added)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, edition = excluded.edition, depth = excluded.depth,
    priority = excluded.priority, via = excluded.via, hops = excluded.hops, barren = excluded.barren,
    crawl = excluded.crawl, added = excluded.added, attempts = 0, outcome = NULL, reason = NULL
WHERE urls.crawl < excluded.crawl OR urls.outcome = 'not-reached'
"""

_PUT_BACK = f"""
UPDATE urls SET priority = {KNOWN}, added = :added + place FROM (
    SELECT hash AS known, row_number() OVER (ORDER BY crawl, priority DESC, added) AS place FROM urls
    WHERE crawl < :crawl AND kind = 'article' AND outcome IN {PAGES!r})
WHERE hash = known
"""

_ALWAYS = "AND (kind = 'requisite' OR kind = 'hub' AND depth = 0)"
"""Of what waits, that which is asked for when no article may be any more."""

_IN_REACH = """
(edition IS NULL OR edition IN (SELECT value FROM json_each(:editions)))
AND (kind = 'requisite' OR depth <= :depth) AND owns(url)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A URL to be asked for, and what is known of it."""

    url: str
    """Normalised."""
    kind: Kind
    edition: str | None = None
    depth: int = 0
    """How many pages lie between it and a start."""
    priority: int = 0
    """Higher is sooner; at one priority, what was found first."""
    via: str | None = None
    """The page that led to it."""
    hops: int = 0
    """Redirects on the way to it."""
    barren: int = 0
    """Lists in a row on the way to it that led to no new article."""

    @property
    def is_always_asked(self) -> bool:
        """Whether it is asked for when no article may be any more: a start, or what a captured page needs."""
        return self.kind == "requisite" or (self.kind == "hub" and self.depth == 0)

    @property
    def is_known(self) -> bool:
        """Whether an earlier crawl captured it, and nothing that is new waits behind it."""
        return self.kind == "article" and self.priority == KNOWN


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to where a run goes; what waits beyond, from before, is left alone."""

    editions: tuple[str, ...]
    """Codes; URLs without an edition are in reach too."""
    owns: Callable[[str], bool]
    """Whether a URL is of the site."""
    depth: float = float("inf")
    """Of the deepest pages."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a URL ended: one stated way, and more of it (an error's class, where it was redirected to, which rule)."""

    url: str
    outcome: str
    reason: str = ""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Ended:
    """A line of a crawl's list: a URL, what led to it, and how it ended."""

    url: str
    kind: str
    edition: str | None
    depth: int
    via: str | None
    attempts: int
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """What a host asked for: to be left alone."""

    host: str
    """As in its URLs, with a port that is not the scheme's own."""
    asked: float
    """When, in seconds since 1970."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """The crawl that is going on: the same one after it was cut off."""

    number: int
    id: str
    after: str
    """The newest archive file when it began: what lies in later ones is its own, whatever the clock says."""
    resumed: bool


class FrontierStore:
    """The URLs of one site, in a collection's state; changes reach the disk when that is committed."""

    def __init__(self, state: State) -> None:
        self._db = state.db
        self._db.executescript(_SCHEMA)
        if "barren" not in (name for _, name, *_ in self._db.execute("PRAGMA table_info(urls)")):  # an older state
            self._db.execute("ALTER TABLE urls ADD COLUMN barren INTEGER NOT NULL DEFAULT 0")
        self._taken: set[int] = set()
        self._remembered: set[int] = set()
        self._crawl = 0
        self._reach: dict[str, object] = {}
        self._added = self._one("SELECT coalesce(max(added), 0) FROM urls")

    def _one(self, query: str, *values: object) -> int:
        row = self._db.execute(query, values).fetchone()
        return int(row[0])

    def begin(self, id_: str, after: str, *, fresh: bool = False) -> Run:
        """Go on with the crawl that was cut off, or begin a new one; *fresh* forgets all that is known, the
        crawls before too.

        *after* is the newest file of the archive as it is now; empty where there is none.
        """
        if fresh:
            self._db.execute("DELETE FROM urls")
            self._db.execute("DELETE FROM crawls")
        row = self._db.execute("SELECT number, id, after FROM crawls WHERE NOT finished ORDER BY number").fetchone()
        resumed = row is not None
        if row is None:
            cursor = self._db.execute("INSERT INTO crawls (id, after) VALUES (?, ?)", (id_, after))
            row = (cursor.lastrowid, id_, after)
        self._crawl = int(row[0])
        return Run(self._crawl, row[1], row[2], resumed)

    def keep_to(self, reach: Reach) -> None:
        """Of what waits in this crawl, leave alone what lies out of *reach*.

        What an earlier run left so, and lies in it, waits again.
        """
        self._db.create_function("owns", 1, reach.owns)
        self._reach = {
            "editions": json.dumps(reach.editions),
            "depth": min(reach.depth, _DEEPEST),
            "crawl": self._crawl,
        }
        self._db.execute(
            f"UPDATE urls SET outcome = CASE WHEN {_IN_REACH} THEN NULL ELSE '{NOT_REACHED}' END, "
            f"reason = CASE WHEN {_IN_REACH} THEN NULL ELSE 'out of reach' END "
            f"WHERE crawl = :crawl AND (outcome IS NULL OR outcome = '{NOT_REACHED}')",
            self._reach,
        )

    def ask_again(self) -> int:
        """Let what earlier crawls knew within reach, and may have a page now, wait again; how many URLs that is.

        Articles that were captured wait behind all others, the oldest captures first: a crawl of a few articles comes
        to all in its turn.
        """
        self._db.execute(_PUT_BACK, {"added": self._added, "crawl": self._crawl})
        self._added = self._one("SELECT coalesce(max(added), 0) FROM urls")
        return self._db.execute(
            f"UPDATE urls SET outcome = NULL, reason = NULL, attempts = 0, crawl = :crawl WHERE crawl < :crawl "
            f"AND (outcome IN {AGAIN!r} OR {_BUSY}) AND NOT ({_HAD}) AND {_IN_REACH}",
            self._reach,
        ).rowcount

    def knows(self, url: str) -> bool:
        """Whether the URL waits, is in flight or is done in this crawl."""
        hash_ = _hash(url)
        if hash_ in self._remembered:
            return True
        row = self._db.execute("SELECT crawl, outcome FROM urls WHERE hash = ?", (hash_,)).fetchone()
        known = row is not None and row[0] == self._crawl and row[1] != NOT_REACHED
        if known:
            self._remember(hash_)
        return known

    def has(self, url: str) -> bool:
        """Whether this or an earlier crawl has captured the URL."""
        query = f"SELECT count(*) FROM urls WHERE hash = ? AND outcome IN {PAGES!r}"
        return bool(self._one(query, _hash(url)))

    def _remember(self, hash_: int) -> None:
        """Pages of one site share most of their links: those are not looked up on disk again and again."""
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered.add(hash_)

    def add(self, found: Found) -> bool:
        """Let a URL wait; False where this crawl knows it already. What an earlier crawl knew waits again."""
        self._added += 1
        where = (found.url, found.kind, found.edition, found.depth, found.priority)
        row = (_hash(found.url), *where, found.via, found.hops, found.barren, self._crawl, self._added)
        return self._db.execute(_ADD, row).rowcount > 0

    def take(self, most: int, *, articles: bool = True) -> list[Found]:
        """Up to *most* URLs whose turn it is; they are in flight until they end.

        Without *articles*, only those that are always asked for: lists lead to nothing but articles.
        """
        # An index of their own for these: looking past 100,000 articles costs 0.1 s a call.
        index, others = ("urls_waiting", "") if articles else ("always_waiting", _ALWAYS)
        rows = self._db.execute(
            f"SELECT hash, url, kind, edition, depth, priority, via, hops, barren FROM urls INDEXED BY {index} "
            f"WHERE outcome IS NULL {others} ORDER BY priority DESC, added LIMIT ?",
            (most + len(self._taken),),
        ).fetchall()
        fresh = [row for row in rows if row[0] not in self._taken][:most]
        self._taken.update(row[0] for row in fresh)
        return [Found(*row[1:]) for row in fresh]

    def end(self, ending: Ending) -> None:
        """A URL is done."""
        hash_ = _hash(ending.url)
        self._taken.discard(hash_)
        self._db.execute(
            "UPDATE urls SET outcome = ?, reason = ?, attempts = attempts + ? WHERE hash = ?",
            (ending.outcome, ending.reason, ending.attempts, hash_),
        )

    def give_back(self, url: str) -> None:
        """A URL that was taken and never asked for waits again."""
        self._taken.discard(_hash(url))

    def waiting(self, *, articles: bool = True) -> int:
        """How many URLs wait or are in flight; *articles* as for `take`."""
        return self._one(f"SELECT count(*) FROM urls WHERE outcome IS NULL {'' if articles else _ALWAYS}")

    def captured_articles(self) -> int:
        """How many articles this crawl has captured within its reach."""
        query = f"SELECT count(*) FROM urls WHERE crawl = :crawl AND kind = 'article' AND outcome IN {PAGES!r}"
        reach = f" AND {_IN_REACH}" if self._reach else ""
        row = self._db.execute(query + reach, self._reach or {"crawl": self._crawl}).fetchone()
        return int(row[0])

    def asked(self) -> Iterator[str]:
        """The pages that this crawl has asked for, those in flight left out: not what pages need to be shown."""
        query = "SELECT url FROM urls WHERE crawl = ? AND kind <> 'requisite' AND attempts > 0"
        return (url for (url,) in self._db.execute(query, (self._crawl,)))

    def wait(self, wait: Wait) -> None:
        """A host is to be left alone, after this crawl was cut off too."""
        self._db.execute("INSERT OR REPLACE INTO waits VALUES (?, ?, ?)", (wait.host, wait.asked, wait.seconds))

    def waits(self, now: float) -> list[Wait]:
        """The hosts to be left alone at *now*, in seconds since 1970; what is over is forgotten."""
        self._db.execute("DELETE FROM waits WHERE asked + seconds <= ?", (now,))
        return [Wait(*row) for row in self._db.execute("SELECT host, asked, seconds FROM waits ORDER BY host")]

    def finish(self, *, reason: str = "") -> None:
        """The crawl has done what it was asked for; what still waits was not reached."""
        query = "UPDATE urls SET outcome = ?, reason = ? WHERE outcome IS NULL"
        self._db.execute(query, (NOT_REACHED, reason))
        self._db.execute("UPDATE crawls SET finished = 1 WHERE number = ?", (self._crawl,))

    def outcomes(self) -> Mapping[str, Mapping[str, int]]:
        """How this crawl's URLs ended: counts by outcome, for each edition (empty for what has none)."""
        counts: dict[str, dict[str, int]] = {}
        query = (
            "SELECT coalesce(edition, ''), coalesce(outcome, 'waiting'), count(*) FROM urls WHERE crawl = ? "
            "GROUP BY 1, 2 ORDER BY 1, 2"
        )
        for edition, outcome, count in self._db.execute(query, (self._crawl,)):
            counts.setdefault(edition, {})[outcome] = count
        return counts

    def ended(self) -> Iterator[Ended]:
        """How each of this crawl's URLs ended, in the order in which they were found, or put back."""
        names = "url, kind, edition, depth, via, attempts, coalesce(outcome, 'waiting'), coalesce(reason, '')"
        query = f"SELECT {names} FROM urls WHERE crawl = ? ORDER BY added"
        return (Ended(*row) for row in self._db.execute(query, (self._crawl,)))


def _hash(url: str) -> int:
    """64 bits of a URL, signed as SQLite's integers are."""
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest(), signed=True)
