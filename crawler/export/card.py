"""The card of a dataset folder: what it holds, how it loads, and how each text is proved."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from langcodes import Language

from crawler.export.output import DATA, MARK
from crawler.export.rows import Row

WHOLE = "all"
"""The name of the configuration that holds every edition."""

_SIZES = [(1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")]
_SIZES += [(10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B")]


@dataclass(slots=True)
class Facts:
    """What the card says of the rows, gathered as they pass."""

    name: str
    rows: Counter[str] = field(default_factory=Counter)
    """By edition."""
    languages: dict[str, str] = field(default_factory=dict)
    """The editions' languages (BCP 47), where they are known."""
    first: str = ""
    last: str = ""
    """When the oldest and the newest were captured: WARC-Dates."""
    makers: set[str] = field(default_factory=set)
    """The extractors, with their versions."""

    def add(self, row: Row) -> None:
        """Take a row into account."""
        document = row.document
        self.rows[row.edition] += 1
        if row.language:
            self.languages[row.edition] = row.language
        self.first = min(self.first or document.captured, document.captured)
        self.last = max(self.last, document.captured)
        self.makers.add(f"{document.extractor.name} {document.extractor.version}")

    def configuration(self, edition: str) -> str:
        """The name of an edition's configuration."""
        return f"{WHOLE}-edition" if edition == WHOLE else edition


def card(facts: Facts) -> str:
    """The text of the card: YAML for the Hub and the ``datasets`` library, then Markdown for readers."""
    return "\n".join(["---", *_metadata(facts), "---", "", *_text(facts), ""])


def _metadata(facts: Facts) -> list[str]:
    """YAML; strings stand in quotes, since ``no`` without them is a truth value."""
    tags = sorted(set(facts.languages.values()))
    codes = sorted({Language.get(tag).language or tag for tag in tags})
    lines = [f"pretty_name: {_quoted(facts.name)}"]
    lines += ["language:", *(f"- {_quoted(code)}" for code in codes)] if codes else []
    lines += ["language_bcp47:", *(f"- {_quoted(tag)}" for tag in tags)] if tags != codes else []
    lines += ["license: unknown", "multilinguality:", f"- {'multilingual' if len(codes) > 1 else 'monolingual'}"]
    lines += ["size_categories:", f"- {_size(facts.rows.total())}", "source_datasets:", "- original", "configs:"]
    lines += [*_configuration(WHOLE, f"{DATA}/*/*.parquet"), "  default: true"]
    for edition in sorted(facts.rows):
        lines += _configuration(facts.configuration(edition), f"{DATA}/{edition}/*.parquet")
    return lines


def _configuration(name: str, path: str) -> list[str]:
    return [
        f"- config_name: {_quoted(name)}",
        "  data_files:",
        '  - split: "train"',
        f"    path: {_quoted(path)}",
    ]


def _text(facts: Facts) -> list[str]:
    total = facts.rows.total()
    return [
        MARK,
        f"# {facts.name}",
        "",
        f"{total:,} documents of a news site in {len(facts.rows)} language editions, captured from {facts.first} to "
        f"{facts.last}. A row is a page: its text, its structure, and the WARC record that proves it.",
        "",
        *_loading(facts),
        *_editions(facts),
        *_proof(facts),
        "## Licence",
        "",
        "None is given here. The texts and pictures belong to whoever published or wrote them; find out what you may "
        "do with them, and say so here and in `license` above before you hand this folder on.",
    ]


def _loading(facts: Facts) -> list[str]:
    edition = facts.configuration(min(facts.rows))
    return [
        "```python",
        "from datasets import load_dataset",
        "",
        'load_dataset("PATH OF THIS FOLDER", split="train")  # every edition',
        f'load_dataset("PATH OF THIS FOLDER", {_quoted(edition)}, split="train")  # one',
        "```",
        "",
    ]


def _editions(facts: Facts) -> list[str]:
    lines = ["| edition | configuration | language | documents |", "|---|---|---|---|"]
    for edition, count in sorted(facts.rows.items()):
        language = facts.languages.get(edition, "")
        lines.append(f"| {edition} | `{facts.configuration(edition)}` | {language} | {count:,} |")
    return [*lines, ""]


def _proof(facts: Facts) -> list[str]:
    return [
        "## Where each text comes from, and how it is proved",
        "",
        f"Crawled by `editions` from the site itself; the text was taken from the page by {_list(facts.makers)}.",
        "",
        "- `sha256` is the SHA-256 of the UTF-8 bytes of `text`.",
        "- `url` and `captured` say which page was read, and when.",
        "- `warc` is the record that holds the page as it crossed the wire: `file`, `offset` and `length` in bytes "
        "(one gzip member), `record_id`, and `payload_digest`, which is the record's WARC-Payload-Digest.",
        "- `extractor` names what made the text of it, with all options: the same bytes give the same text again.",
        "",
        "With the archive at hand, `editions prove COLLECTION` makes every text again from its record and compares, "
        "and `editions check COLLECTION` proves the records.",
        "",
    ]


def _size(rows: int) -> str:
    """The Hub's word for so many rows."""
    return next((word for limit, word in _SIZES if rows < limit), "n>1T" if rows >= 10**12 else "1B<n<10B")


def _list(values: set[str]) -> str:
    return ", ".join(sorted(values))


def _quoted(text: str) -> str:
    """A YAML string: JSON's are."""
    return json.dumps(text, ensure_ascii=False)
