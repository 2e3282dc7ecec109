"""TOML tables read strictly: what is wrong is refused with its file, its key and the nearest right one."""

from __future__ import annotations

import tomllib
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from crawler.errors import EditionsError


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file.

    Each reading method returns the value of a key, or its default where the key is absent; without a default
    (None) the key must be there. What does not fit raises ``error``.
    """

    path: Path
    name: str
    """Where in the file, as shown to a reader: empty for the top, else as in ``[crawl]`` or ``[[seeds]] 2``."""
    values: Mapping[str, object]
    error: type[EditionsError]

    def refusal(self, key: str, why: str) -> EditionsError:
        """The error to raise for a key: it names the file, the table and the key."""
        return self.error(f"{self.path}: {f'{self.name} ' if self.name else ''}{key}: {why}")

    def allow(self, keys: Collection[str], elsewhere: Mapping[str, str] | None = None) -> None:
        """Refuse keys that have no meaning here; ``elsewhere`` says of keys known in other tables which."""
        for key in self.values:
            if key not in keys:
                place = (elsewhere or {}).get(key)
                raise self.refusal(key, f"belongs {place}" if place else f"unknown key; {suggest(key, keys)}")

    def text(self, key: str, default: str | None = None) -> str:
        """A string that is not empty."""
        value = self._get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self._type(key, value, "a string that is not empty")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings, none of them empty."""
        value = self._get(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
            raise self._type(key, value, "a list of strings, none of them empty")
        return tuple(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self._type(key, value, "true or false")
        return value

    def whole(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number, not less than ``least``."""
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self._type(key, value, f"a whole number, {least} or more")
        return value

    def seconds(self, key: str, default: float | None = None) -> float:
        """A finite number that is not negative."""
        value = self._get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
            raise self._type(key, value, "a number of seconds, 0 or more")
        return float(value)

    def table(self, key: str, *, needed: bool = False) -> Table:
        """The table under a key; an empty one where it is absent and not needed."""
        value = self._get(key, None if needed else {})
        if not isinstance(value, dict):
            raise self._type(key, value, f"a table, [{key}]")
        return Table(self.path, f"[{key}]", value, self.error)

    def tables(self, key: str) -> tuple[Table, ...]:
        """The tables of a list of tables, ``[[key]]``, counted from 1 in messages."""
        value = self._get(key, None)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._type(key, value, f"a list of tables, [[{key}]]")
        return tuple(Table(self.path, f"[[{key}]] {n}", item, self.error) for n, item in enumerate(value, 1))

    def _get(self, key: str, default: object) -> object:
        value = self.values.get(key, default)
        if value is None:
            raise self.refusal(key, "is missing")
        return value

    def _type(self, key: str, value: object, wanted: str) -> EditionsError:
        return self.refusal(key, f"should be {wanted}, not {shown(value)}")


def read(path: Path, error: type[EditionsError]) -> Table:
    """The top table of a TOML file; what cannot be read as UTF-8 TOML raises ``error``, naming line and column."""
    text = ""
    try:
        text = path.read_bytes().removeprefix(BOM_UTF8).decode()  # some editors begin a file with this mark
        return Table(path, "", tomllib.loads(text), error)
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror or problem}") from None
    except UnicodeDecodeError as problem:
        raise error(f"{path}: is not UTF-8 (byte {problem.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as problem:
        end = f"at line {text.count(chr(10)) + 1}, the end of the file"
        raise error(f"{path}: is not TOML: {str(problem).replace('at end of document', end)}") from None


def suggest(given: str, right: Collection[str]) -> str:
    """Words that name what was probably meant: the nearest right one, or all of them where none is near."""
    near = get_close_matches(given.lower(), right, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(right))}"


def shown(value: object) -> str:
    """A TOML value as it would stand in the file, cut where it is long."""
    written = str(value).lower() if isinstance(value, bool) else repr(value)
    return written if len(written) <= 60 else f"{written[:60]}…"
