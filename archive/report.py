"""A report of a check, as lines for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby

from archive.check import Report
from archive.finding import Finding
from archive.repair import Repair

SHOWN = 50
"""Findings printed, unless all are asked for."""

_WIDEST = 2000
"""Characters of a line: a file may hold a URL, or an index a file name, of a megabyte."""


def report_lines(report: Report, *, verbose: bool = False, most: int = SHOWN) -> Iterator[str]:
    """The findings, file by file, and what they come to; *verbose*: with those that only inform."""
    findings = [each for each in report.findings if verbose or each.severity != "info"]
    for file, group in groupby(sorted(findings[:most], key=lambda each: each.file), key=lambda each: each.file):
        yield _plain(file)
        for each in sorted(group, key=lambda each: each.offset or 0):
            yield from _finding(each)
        yield ""
    total = report.errors + report.warnings + (report.infos if verbose else 0)
    if total > min(most, len(findings)):
        yield f"… and {total - min(most, len(findings)):,} more; by code:"
        yield from (f"  {count:>9,}  {code}" for code, count in report.codes.items())
        yield ""
    yield from _totals(report)


def _finding(finding: Finding) -> Iterator[str]:
    place = "" if finding.offset is None else f" at {finding.offset:,}"
    yield _plain(f"  {finding.severity}{place}: {finding.message} [{finding.code}]")
    if finding.hint:
        yield _plain(f"    try: {finding.hint}")


def _plain(text: str) -> str:
    """*text* on one line that is not endless, with nothing in it that steers a terminal or cannot be encoded."""
    text = text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _totals(report: Report) -> Iterator[str]:
    kinds = ", ".join(
        f"{count:,} {kind}" for kind, count in sorted(report.records.items(), key=lambda each: -each[1])
    )
    records = sum(report.records.values())
    documents = f", {_count(report.documents, 'document')}" if report.documents else ""
    yield f"{_count(report.files, 'file')}, {_count(records, 'record')}{f' ({kinds})' if kinds else ''}{documents}"
    if report.sound and not report.warnings:
        yield "sound: nothing is wrong"
    else:
        word = "sound" if report.sound else "damaged or not by the standard"
        yield f"{word}: {_count(report.errors, 'error')}, {_count(report.warnings, 'warning')}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def repair_lines(repairs: Iterable[Repair]) -> Iterator[str]:
    """What was repaired, a line each."""
    nothing = True
    for each in repairs:
        nothing = False
        yield _plain(str(each))
    if nothing:
        yield "nothing to repair"


def report_json(report: Report, repairs: Iterable[Repair] = ()) -> str:
    """The report as a JSON object, with what was repaired before it was made."""
    value = report.as_json()
    done = [each.as_json() for each in repairs]
    if done:
        value["repairs"] = done
    return json.dumps(value, indent=2)  # in ASCII: a file may hold bytes that are no text in any coding
