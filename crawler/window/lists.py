"""The window's own pages: the documents of a corpus by edition, one of them, the captures of an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from archive.entry import Entry, timestamp
from crawler.items import Document
from crawler.window.captures import led

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "pre{white-space:pre-wrap;font:inherit;border:1px solid #ccc;padding:1rem}"
    "td,th{text-align:start;padding:0 1rem 0 0}"
)


def overview(name: str, documents: Sequence[Document]) -> bytes:
    """The editions, and how many documents each has."""
    counts = Counter(one.edition for one in documents)
    rows = [(_link(f"/editions/{code}", code or "-"), str(count)) for code, count in sorted(counts.items())]
    words = f"<p>{len(documents)} documents. An address at the end of <code>/captures/</code> shows its captures.</p>"
    return _page(name, words + _table(("edition", "documents"), rows))


def edition(name: str, code: str, documents: Iterable[Document]) -> bytes:
    """The documents of an edition, by number."""
    rows = [
        (_link(f"/corpus/{one.file}", one.title or one.file), _link(led(one.url, _stamp(one)), one.captured))
        for one in documents
        if one.edition == code
    ]
    return _page(f"{name}: {code}", _table(("document", "captured"), rows))


def document(one: Document, text: str, known: Iterable[Document]) -> bytes:
    """A document's text, with its page, its captures, and itself in other editions."""
    alternates = {each.url for each in one.alternates}
    others = [_link(f"/corpus/{each.file}", each.edition) for each in known if each.url in alternates and each != one]
    links = [
        _link(led(one.url, _stamp(one)), "the page as captured"),
        _link(f"/captures/{one.url}", "all its captures"),
        *others,
    ]
    body = f'<p>{" · ".join(links)}</p><p>{escape(one.url)}</p><pre dir="auto">{escape(text)}</pre>'
    return _page(one.title or one.file, body)


def captures(url: str, entries: Iterable[Entry]) -> bytes:
    """The captures of an address in time."""
    rows = [
        (_link(led(one.url, timestamp(one.date)), one.date), str(one.status or (one.error and one.error.kind) or "-"))
        for one in entries
    ]
    return _page(url, _table(("captured", "status"), rows) if rows else "<p>No capture of it is in the archive.</p>")


def _stamp(one: Document) -> str:
    return timestamp(one.captured)


def _link(to: str, words: str) -> str:
    return f'<a href="{escape(to)}">{escape(words)}</a>'


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; *rows* are HTML already."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f'<td dir="auto">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _page(title: str, body: str) -> bytes:
    top = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f'{top}</head><body><p><a href="/">editions</a></p><h1 dir="auto">{escape(title)}</h1>{body}'.encode(
        "utf-8", "replace"
    )
