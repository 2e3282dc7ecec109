"""The columns of a Parquet file, typed: what the manifest's and the item's dataclasses say of their fields."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

from archive.entry import parse_date
from crawler.errors import CorpusError
from crawler.export.rows import SAID_BEFORE, Row
from crawler.items import Document
from crawler.page.item import Item

TIME = pa.timestamp("us", tz="UTC")
_SCALARS = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), NoneType: pa.null()}


def schema() -> pa.Schema:
    """The columns: the manifest's fields, ``language``, ``text``, the item's other fields, and two instants.

    ``captured``, ``published`` and ``modified`` are instants (microseconds, UTC); the extractor's options are JSON.
    """
    columns = _members(Document) | {"captured": TIME, "language": pa.string(), "text": pa.string()}
    item = {name: kind for name, kind in _members(Item).items() if name not in SAID_BEFORE}
    return pa.schema(list((columns | item | {"published": TIME, "modified": TIME}).items()))


def batch(rows: Sequence[Row], columns: pa.Schema) -> pa.RecordBatch:
    """*rows*, one at least, as one batch of *columns*.

    Raises:
        CorpusError: a field is not of its column's type.
    """
    try:
        return pa.RecordBatch.from_pylist([_values(row) for row in rows], schema=columns)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        files = f"{rows[0].document.file} to {rows[-1].document.file}"
        raise CorpusError(
            f"{files}: a field is of another type than its column ({error}); `editions regenerate` mends it"
        ) from error


def _values(row: Row) -> dict[str, Any]:
    values = row.fields()
    values["captured"] = parse_date(values["captured"])
    values["extractor"]["options"] = json.dumps(values["extractor"]["options"], ensure_ascii=False)
    values["published"] = instant(values.get("datePublished"))
    values["modified"] = instant(values.get("dateModified"))
    return values


def instant(text: str | None) -> datetime | None:
    """A moment in ISO 8601; None where it lacks a time or its offset, so that nobody knows which moment is meant."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _members(kind: type) -> dict[str, pa.DataType]:
    """The fields of a dataclass."""
    hints = get_type_hints(kind)
    return {one.name: _type(hints[one.name]) for one in fields(kind)}


def _type(hint: Any) -> pa.DataType:
    """The type of a field's annotation; what has no fixed fields is kept as JSON."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        [hint] = [one for one in arguments if one is not NoneType]
        return _type(hint)
    if origin is Literal:
        return pa.string()
    if origin in (tuple, list):
        return pa.list_(_type(arguments[0]))
    if is_dataclass(hint) and isinstance(hint, type):
        return pa.struct(list(_members(hint).items()))
    return _SCALARS.get(hint, pa.string())
