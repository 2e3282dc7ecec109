"""Seeds: the pages that a site's seed corpus is made from, read from a list in TOML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import SeedsError
from crawler.sites.profile import FOLDER, Profile
from crawler.sites.table import Table, read, suggest
from crawler.urls import normalise

_KEYS = ("file", "url", "edition", "sha256", "chars")
_PLAIN_NAME = re.compile(r"[\w-][\w.-]{0,199}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Seed:
    """A page that a crawl starts from, and what is known of its document."""

    file: str
    """The document's file name in the corpus."""
    url: str
    """The page's normalised URL."""
    edition: str | None = None
    """The edition's code; None where the list leaves it out: it is then told from the URL by the profile."""
    sha256: str | None = None
    """Of the document's bytes, in lower-case hex, where its text is known."""
    chars: int | None = None
    """The document's length in characters (code points), where its text is known."""


def load(path: Path | str, profile: Profile | None = None) -> tuple[Seed, ...]:
    """Read a list of seeds, ``[[seeds]]`` or ``[[seed]]``, in its order.

    With ``profile``, each seed must lie on that site and in one of its editions, and gets its edition from its
    URL where the list does not say.

    Raises:
        SeedsError: the list cannot be read or used; the text names the file, the entry and the key.
    """
    top = read(Path(path), SeedsError)
    top.allow(("seeds", "seed"))
    tables = [table for key in ("seeds", "seed") if key in top.values for table in top.tables(key)]
    if not tables:
        raise top.refusal("seeds", "is missing; write each seed under a line [[seeds]]")
    seeds = tuple(_read_seed(table, profile) for table in tables)
    _refuse_doubles(tables, seeds)
    return seeds


def of(profile: Profile, path: Path | str | None = None) -> tuple[Seed, ...]:
    """The seeds of a site, from the list that :func:`find` finds; none where it has no list.

    Raises:
        SeedsError: the list cannot be used.
    """
    found = find(profile, path)
    return load(found, profile) if found is not None else ()


def find(profile: Profile, path: Path | str | None = None) -> Path | None:
    """Where a site's list of seeds lies; None where it has none.

    The path given; else ``seeds/NAME.toml`` in the working directory, beside the profile's own file, or beside
    the folder that this lies in; of a site that is known by its name, the project's own. NAME is the profile's name.

    Raises:
        SeedsError: the path given is no file.
    """
    if path is not None:
        return _existing(Path(path))
    own = profile.path.resolve().parent
    places = [Path.cwd(), own, own.parent, *([own.parent.parent] if own == FOLDER.resolve() else ())]
    lists = (place / "seeds" / f"{profile.name}.toml" for place in places)
    return next((found for found in lists if found.is_file()), None)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise SeedsError(f"{path}: no such file; a list of seeds is a TOML file of [[seeds]] tables")
    return path


def _read_seed(table: Table, profile: Profile | None) -> Seed:
    table.allow(_KEYS)
    url = _read_url(table)
    return Seed(
        file=_read_file(table),
        url=url,
        edition=_read_edition(table, url, profile),
        sha256=_read_sha256(table),
        chars=table.whole("chars") if "chars" in table.values else None,
    )


def _read_url(table: Table) -> str:
    try:
        return normalise(table.text("url"))
    except ValueError as error:
        raise table.refusal("url", str(error)) from None


def _read_file(table: Table) -> str:
    name = table.text("file")
    if not _PLAIN_NAME.fullmatch(name):
        raise table.refusal("file", f"{name!r} is no plain file name; it holds no folder and begins with no dot")
    return name


def _read_sha256(table: Table) -> str | None:
    if "sha256" not in table.values:
        return None
    digest = table.text("sha256").lower()
    if not _SHA256.fullmatch(digest):
        raise table.refusal("sha256", f"{digest!r} is no SHA-256 in hex: 64 digits, 0-9 and a-f")
    return digest


def _read_edition(table: Table, url: str, profile: Profile | None) -> str | None:
    code = table.text("edition") if "edition" in table.values else None
    if profile is None:
        return code
    return _judge_edition(table, url, profile, code)


def _judge_edition(table: Table, url: str, profile: Profile, code: str | None) -> str:
    """The edition that list and URL agree on."""
    if not profile.owns(url):
        raise table.refusal("url", f"{url!r} is not on {profile.name} ({', '.join(profile.domains)})")
    if code is not None and code not in profile.editions:
        raise table.refusal("edition", f"{code!r} is no edition of {profile.name}; {suggest(code, profile.editions)}")
    told = profile.edition_of(url)
    if told is None and code is None:
        raise table.refusal("url", f"{url!r} is of no edition of {profile.name}; name it with edition = …")
    if told is not None and code is not None and told != code:
        raise table.refusal("edition", f"is {code!r}, but {url!r} is of edition {told!r}")
    return code or told or ""


def _refuse_doubles(tables: list[Table], seeds: tuple[Seed, ...]) -> None:
    """Refuse a file or URL that stands in the list twice."""
    first: dict[tuple[str, str], Table] = {}
    for table, seed in zip(tables, seeds, strict=True):
        for key, value in (("file", seed.file.lower()), ("url", seed.url)):
            other = first.setdefault((key, value), table)
            if other is not table:
                raise table.refusal(key, f"{value!r} stands in {other.name} already")
