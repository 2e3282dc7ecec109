"""Parallel text of the demo site, where it is known which paragraphs are translations of which."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas
import pytest
from lxml import etree
from translate.storage.tmx import tmxfile

from crawler.demo.labels import EDITIONS
from crawler.demo.story import Story
from crawler.export.sentences import sentences
from crawler.items import Block, BlockKind, Page
from crawler.languages.paragraphs import LanguageReader, speaks
from crawler.sites import profile
from tests.command import lines
from tests.demopages import pages, site, write_corpus
from tests.export.test_rows import export

_ESCAPED = re.compile(r"\\[ntr\\]")

READER = LanguageReader(EDITIONS)


@dataclass(frozen=True, slots=True)
class Told:
    """A block of a page as a test has it, and which blocks of its story it tells."""

    block: Block
    tells: frozenset[str]


Change = Callable[[list[Told], random.Random], list[Told]]


@cache
def originals() -> tuple[tuple[Page, Story], ...]:
    catalogue = site().catalogue
    return tuple((page, catalogue.by_slug[page.slug or ""]) for edition in EDITIONS for page in pages(edition))


def blocks(story: Story, edition: str) -> list[Told]:
    """A story's body as its pages show it: the heading stands before the last paragraph, quotation and list after."""
    text = story.page(edition, 1)
    told = [_told("paragraph", one, number) for number, one in enumerate(text.paragraphs)]
    if text.subheading:
        told.insert(-1, _told("heading", text.subheading))
    told += [_told("quote", text.quote)] if text.quote else []
    return [*told, *([_told("list", "\n".join(text.list))] if text.list else [])]


def _told(kind: BlockKind, text: str, number: int = 0) -> Told:
    return Told(Block(kind, text), frozenset({f"{kind} {number}"}))


@dataclass(frozen=True, slots=True)
class Made:
    """A collection of the demo's stories, and what each page of it tells."""

    folder: Path
    told: Mapping[str, Sequence[Told]]
    """By URL, of the pages in their edition's language."""


def made(folder: Path, change: Change = lambda told, rng: told) -> Made:
    """A collection in which each translated page but the English ones is changed."""
    rng, told = random.Random(7), {}

    def changed() -> Iterator[Page]:
        for page, story in originals():
            edition = page.edition or ""
            body = blocks(story, edition)
            if story.translated(edition):
                body = told[page.canonical] = body if edition == "en" else change(body, rng)
            yield spoken(replace(page, lead=story.page(edition, 1).lead, blocks=tuple(one.block for one in body)))

    write_corpus(folder, changed())
    shutil.copy(Path(profile.__file__).with_name("demo.toml"), folder / "site.toml")
    return Made(folder, told)


def spoken(page: Page) -> Page:
    languages = READER.read([block.text for block in page.blocks], page.edition or "")
    return replace(page, languages=languages, translated=speaks(languages.main, page.edition or ""))


Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    """The rows of a TSV file, their texts as they were."""
    head, *rest = path.read_bytes().decode().removesuffix("\n").split("\n")
    names = head.split("\t")
    escapes = {r"\n": "\n", r"\t": "\t", r"\r": "\r", r"\\": "\\"}
    found = [dict(zip(names, line.split("\t"), strict=True)) for line in rest]
    for row in found:
        for name in ("left_text", "right_text"):
            row[name] = _ESCAPED.sub(lambda match: escapes[match[0]], row[name])
    return found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, list[Row]]:
    folder = tmp_path_factory.mktemp("plain")
    one = made(folder / "demo")
    assert export(one.folder, "parallel", folder / "out.tsv").code == 0
    return one, rows(folder / "out.tsv")


def truth() -> dict[str, list[str]]:
    """The editions that tell each story in their own language, of the pages that became documents."""
    return {
        story.slug: sorted(edition for edition in story.editions if story.translated(edition))
        for story in site().catalogue.stories
        if story.there(1)
    }


def links(one: Made, found: Sequence[Row]) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """Which blocks stand for which, as the export has it and as it is, of the documents that it pairs."""
    got: set[tuple[object, ...]] = set()
    want: set[tuple[object, ...]] = set()
    for row in found:
        left, right = (one.told[row[f"{side}_url"]] for side in ("left", "right"))
        pair = row["left_url"], row["right_url"]
        if row["level"] == "document":
            want |= {(*pair, i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a.tells & b.tells}
        elif row["level"] == "paragraph":
            ours, theirs = (numbers(told, row[f"{side}_text"]) for told, side in ((left, "left"), (right, "right")))
            got |= {(*pair, i, j) for i in ours for j in theirs}
    return got, want


def numbers(told: Sequence[Told], text: str) -> list[int]:
    """Which blocks a text is made of."""
    found = [number for number, one in enumerate(told) if f"\n{one.block.text}\n" in f"\n{text}\n"]
    assert sum(len(told[number].block.text) + 1 for number in found) == len(text) + 1
    return found


def test_every_story_is_paired_in_every_two_editions_that_translate_it(plain: tuple[Made, list[Row]]) -> None:
    one, found = plain
    documents = {str(line["url"]) for line in lines(one.folder / "corpus/manifest.jsonl")}
    for level in ("document", "lead"):
        got = Counter((row["left_url"], row["right_url"]) for row in found if row["level"] == level)
        want = Counter(
            (one.url(left), one.url(right))
            for slug, editions in truth().items()
            for one in [_Urls(slug)]
            for left, right in combinations(editions, 2)
            if {one.url(left), one.url(right)} <= documents
        )
        assert got == want
        assert want.total() > 150
        assert {language for row in found for language in (row["left_language"], row["right_language"])} == set(
            EDITIONS
        )


@dataclass(frozen=True, slots=True)
class _Urls:
    slug: str

    def url(self, edition: str) -> str:
        return f"{site().origin}/{edition}/articles/{self.slug}"


def test_pages_as_they_are_read_give_the_same(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    write_corpus(tmp_path / "demo", (page for page, _ in originals()))
    shutil.copy(Path(profile.__file__).with_name("demo.toml"), tmp_path / "demo/site.toml")
    assert export(tmp_path / "demo", "parallel", tmp_path / "out.tsv").code == 0
    assert rows(tmp_path / "out.tsv") == plain[1]


def test_all_paragraphs_are_paired_rightly_in_every_edition(plain: tuple[Made, list[Row]]) -> None:
    one, found = plain
    whole = [row for row in found if not broken(one, row)]
    got, want = links(one, whole)
    assert got == want
    assert len(want) > 600
    assert any("/ar/" in str(link[0]) for link in got)
    assert all(float(row["score"]) > 0.5 for row in whole)
    certain = [row for row in whole if float(row["score"]) >= 0.95]
    assert len(certain) > 0.98 * len(whole)


def broken(one: Made, row: Row) -> bool:
    """Whether one of the two pages has no paragraph breaks from the start: two of the demo's have none."""
    stories, slug = site().catalogue.by_slug, row["left_url"].rpartition("/")[2]
    return any(len(stories[slug].page(row[f"{side}_edition"], 1).paragraphs) == 1 for side in ("left", "right"))


def drop(told: list[Told], rng: random.Random) -> list[Told]:
    gone = rng.randrange(len(told))
    return told[:gone] + told[gone + 1 :] if len(told) > 3 else told


def merge(told: list[Told], rng: random.Random) -> list[Told]:
    at = rng.randrange(max(1, len(told) - 1))
    if len(told) <= 3 or not told[at].block.kind == told[at + 1].block.kind == "paragraph":
        return told
    one, other = told[at : at + 2]
    both = Told(Block("paragraph", f"{one.block.text} {other.block.text}"), one.tells | other.tells)
    return [*told[:at], both, *told[at + 2 :]]


def split(told: list[Told], rng: random.Random) -> list[Told]:
    at = rng.randrange(len(told))
    parts = sentences(told[at].block.text)
    if len(parts) < 2 or told[at].block.kind != "paragraph":
        return told
    half = len(parts) // 2
    pieces = [
        Told(Block("paragraph", "".join(some).strip()), told[at].tells) for some in (parts[:half], parts[half:])
    ]
    return [*told[:at], *pieces, *told[at + 1 :]]


def add(told: list[Told], rng: random.Random) -> list[Told]:
    """A paragraph of another story, in the page's language or another."""
    here = {one.block.text for one in told}
    strange = rng.choice([text for text in paragraphs() if text not in here])
    added = Told(Block("paragraph", strange), frozenset())
    at = rng.randrange(len(told) + 1)
    return [*told[:at], added, *told[at:]]


@cache
def paragraphs() -> tuple[str, ...]:
    """All that the site has, but those that lack their breaks."""
    bodies = [story.page(edition, 1).paragraphs for story in site().catalogue.stories for edition in story.editions]
    return tuple(text for body in bodies if len(body) > 1 for text in body)


def everything(told: list[Told], rng: random.Random) -> list[Told]:
    return rng.choice([drop, merge, split, add])(told, rng)


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (drop, (0.9, 0.96)),  # of four paragraphs, often another one on either side
        (merge, (0.95, 0.97)),
        (split, (0.98, 0.94)),
        (add, (0.97, 0.97)),
        (everything, (0.95, 0.96)),
    ],
)
def test_paragraphs_that_are_missing_joined_split_or_added(
    tmp_path: Path, change: Change, least: tuple[float, float]
) -> None:
    one = made(tmp_path / "demo", change)
    export(one.folder, "parallel", tmp_path / "out.tsv")
    found = [row for row in rows(tmp_path / "out.tsv") if not broken(one, row)]
    got, want = links(one, found)
    precision, recall = len(got & want) / len(got), len(got & want) / len(want)
    print(f"{change.__name__}: precision {precision:.3f}, recall {recall:.3f} of {len(want)} pairs")
    assert precision > least[0]
    assert recall > least[1]
    if change is everything:
        scores_mean_what_they_say(one, found)


def scores_mean_what_they_say(one: Made, found: Sequence[Row]) -> None:
    """Of the pairs with a score of about p, about p are right; the surest are the most."""
    right: dict[bool, list[bool]] = defaultdict(list)
    for row in found:
        if row["level"] == "paragraph":
            got, _ = links(one, [row])
            _, want = links(one, [row | {"level": "document"}])
            right[float(row["score"]) >= 0.9].append(got <= want)
    sure, unsure = (sum(right[key]) / len(right[key]) for key in (True, False))
    print(f"right: {sure:.3f} of {len(right[True])} scored 0.9 or more, {unsure:.3f} of {len(right[False])} below")
    assert sure > 0.97
    assert 0.3 < unsure < 0.97


def unbroken(told: list[Told], rng: random.Random) -> list[Told]:
    text = " ".join(one.block.text for one in told)
    return [Told(Block("paragraph", text), frozenset().union(*(one.tells for one in told)))]


def test_bodies_without_paragraph_breaks_are_cut_where_the_others_break(tmp_path: Path) -> None:
    one = made(tmp_path / "demo", unbroken)
    export(one.folder, "parallel", tmp_path / "out.tsv", "--edition", "en", "--edition", "ja", "--edition", "ar")
    found = [
        row
        for row in rows(tmp_path / "out.tsv")
        if row["level"] == "paragraph" and "en" in (row["left_language"], row["right_language"]) and plainly(row)
    ]
    right = sum(whole(row) for row in found)
    surely = [whole(row) for row in found if float(row["score"]) >= 0.9]
    print(
        f"{right} of {len(found)} runs of sentences are their paragraphs; {sum(surely)} of {len(surely)} scored 0.9"
    )
    assert len(found) > 40
    assert right > 0.85 * len(found)
    assert sum(surely) > 0.97 * len(surely) > 0.4 * len(found)


def plainly(row: Row) -> bool:
    """Whether the story's body is paragraphs alone: a heading that has lost its line belongs to no sentence."""
    story = site().catalogue.by_slug[row["left_url"].rpartition("/")[2]]
    return all(
        one.block.kind == "paragraph" for side in ("left", "right") for one in blocks(story, row[f"{side}_edition"])
    )


def whole(row: Row) -> bool:
    """Whether a run of sentences is just the translation of its English paragraph."""
    slug = row["left_url"].rpartition("/")[2]
    story = site().catalogue.by_slug[slug]
    sides = {row[f"{side}_language"]: row[f"{side}_text"] for side in ("left", "right")}
    [edition] = sides.keys() - {"en"}
    english = {one.block.text: one.tells for one in blocks(story, "en")}
    theirs = {one.tells: one.block.text for one in blocks(story, edition)}
    return theirs.get(english.get(sides["en"], frozenset())) == sides[edition]


def test_a_segment_of_tmx_is_a_row_of_tsv(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    made, found = plain
    assert export(made.folder, "parallel", tmp_path / "out.tmx").code == 0
    root = etree.parse(tmp_path / "out.tmx").getroot()
    assert [child.tag for child in root] == ["header", "body"]
    assert (root.tag, root.attrib) == ("tmx", {"version": "1.4"})
    assert root[0].attrib == {
        "creationtool": "editions",
        "creationtoolversion": version("editions"),
        "segtype": "paragraph",
        "o-tmf": "editions",
        "adminlang": "en",
        "srclang": "*all*",
        "datatype": "plaintext",
    }
    assert len(root[1]) == len(found)
    for unit, row in zip(root[1], found, strict=True):
        assert [child.tag for child in unit] == ["prop"] * 4 + ["tuv"] * 2
        assert [prop.text for prop in unit[:4]] == [row[name] for name in ("level", "score", "shape", "story")]
        for variant, side in zip(unit[4:], ("left", "right"), strict=True):
            assert [child.tag for child in variant] == ["prop"] * 11 + ["seg"]
            assert variant.attrib == {LANG: row[f"{side}_language"]}
            said = {str(prop.get("type")): prop.text for prop in variant[:11]}
            assert said == {f"x-{name.replace('_', '-')}": row[f"{side}_{name}"] for name in PROVENANCE}
            assert variant[11].text == row[f"{side}_text"]


LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PROVENANCE = (
    "edition url file sha256 captured warc_file warc_offset warc_length record_id payload_digest extractor".split()
)


def test_another_programs_reader_takes_the_tmx(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    made, found = plain
    export(made.folder, "parallel", tmp_path / "out.tmx", "--edition", "en", "--edition", "ar")
    with (tmp_path / "out.tmx").open("rb") as stream:
        units = tmxfile(stream, "en", "ar").units
    rows = [row for row in found if {row["left_edition"], row["right_edition"]} == {"ar", "en"}]
    assert len(units) == len(rows) > 40
    assert [str(unit.source) for unit in units] == [row["right_text"] for row in rows]
    assert [str(unit.target) for unit in units] == [row["left_text"] for row in rows]


def test_each_row_has_the_provenance_of_both_sides(plain: tuple[Made, list[Row]]) -> None:
    made, found = plain
    manifest = {str(line["url"]): line for line in lines(made.folder / "corpus/manifest.jsonl")}
    for row in found:
        for side in ("left", "right"):
            line: Any = manifest[row[f"{side}_url"]]
            warc = line["warc"]
            assert row[f"{side}_sha256"] == line["sha256"]
            assert row[f"{side}_captured"] == line["captured"]
            assert [row[f"{side}_{name}"] for name in ("warc_file", "warc_offset", "warc_length")] == [
                warc["file"],
                str(warc["offset"]),
                str(warc["length"]),
            ]
            assert row[f"{side}_extractor"] == f"{line['extractor']['name']} {line['extractor']['version']}"


def test_pandas_reads_the_tsv(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    made, found = plain
    export(made.folder, "parallel", tmp_path / "out.tsv.gz")
    frame = pandas.read_csv(tmp_path / "out.tsv.gz", sep="\t", quoting=csv.QUOTE_NONE)
    assert len(frame) == len(found)
    assert frame.score.between(0, 1).all()
    assert frame.level.value_counts().to_dict() == dict(Counter(row["level"] for row in found))


def test_characters_that_break_files_are_escaped_or_taken_out(tmp_path: Path) -> None:
    """A page can hold what no XML may: it is read, and does not reach the file."""
    odd = "Kichwa\x0b \x00<&>\u2028\ufffe \\ na 1234 na\ttabo\r"

    def pages() -> Iterator[Page]:
        for page, story in originals():
            body = blocks(story, page.edition or "")
            changed = [Block("paragraph", f"{odd} {one.block.text}") for one in body]
            yield spoken(replace(page, lead=odd, blocks=tuple(changed)))

    write_corpus(tmp_path / "demo", pages())
    shutil.copy(Path(profile.__file__).with_name("demo.toml"), tmp_path / "demo/site.toml")
    for name in ("out.tsv", "out.tmx"):
        assert export(tmp_path / "demo", "parallel", tmp_path / name, "--edition", "en", "--edition", "sw").code == 0
    texts = [str(segment.text) for segment in etree.parse(tmp_path / "out.tmx").iter("seg")]
    clean = "Kichwa <&>\u2028 \\ na 1234 na\ttabo\r"
    assert sum(text.startswith(clean) for text in texts) > 20
    assert [text for row in rows(tmp_path / "out.tsv") for text in (row["left_text"], row["right_text"])] == texts


def test_what_cannot_be_made_is_told(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    made, _ = plain
    ran = export(made.folder, "parallel", tmp_path / "out.csv")
    assert (ran.code, ".tsv or .tmx" in ran.err) == (2, True)
    ran = export(made.folder, "parallel", tmp_path / "out.tsv", "--edition", "sw")
    assert (ran.code, "no parallel text" in ran.err) == (1, True)
    assert list(tmp_path.iterdir()) == []
    hurt = shutil.copytree(made.folder, tmp_path / "hurt")
    (hurt / "corpus/items.jsonl").unlink()
    ran = export(hurt, "parallel", tmp_path / "out.tsv")
    assert (ran.code, "editions regenerate" in ran.err, "Traceback" in ran.err) == (1, True, False)


def test_a_text_that_is_not_its_manifests_takes_no_part(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    made, found = plain
    hurt = shutil.copytree(made.folder, tmp_path / "hurt")
    file = found[0]["left_file"]
    (hurt / "corpus" / file).write_text("another")
    ran = export(hurt, "parallel", tmp_path / "out.tsv", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["left_out"], file in ran.err) == (1, 1, True)
    rest = [row for row in found if file not in (row["left_file"], row["right_file"])]
    assert Counter(row["level"] for row in rest) == {
        level: told[f"{level}_pairs"] for level in ("document", "lead", "paragraph")
    }


def test_the_same_corpus_gives_the_same_parallel_text(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    """Also where sets have another order."""
    made, _ = plain
    for seed in ("1", "2"):
        call = ["export", str(made.folder), "--format", "parallel", str(tmp_path / f"{seed}.tsv")]
        command = [sys.executable, "-m", "crawler", *call, "--edition", "am", "--edition", "yo"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, timeout=240, check=True)
    assert (tmp_path / "1.tsv").read_bytes() == (tmp_path / "2.tsv").read_bytes()


def test_documents_that_tell_something_else_score_low(plain: tuple[Made, list[Row]], tmp_path: Path) -> None:
    """Sites name wrong alternates: here the Swahili pages of two stories each have the other's body."""
    _, found = plain
    right = [float(row["score"]) for row in found if row["level"] == "document"]
    bodies = [story for _, story in originals() if story.translated("sw")]
    other = dict(zip([one.slug for one in bodies], bodies[1:] + bodies[:1], strict=True))

    def pages() -> Iterator[Page]:
        for page, story in originals():
            told = other[story.slug] if page.edition == "sw" and story.translated("sw") else story
            text = told.page(page.edition or "", 1)
            body = tuple(one.block for one in blocks(told, page.edition or ""))
            yield spoken(replace(page, title=text.title, lead=text.lead, blocks=body))

    write_corpus(tmp_path / "demo", pages())
    shutil.copy(Path(profile.__file__).with_name("demo.toml"), tmp_path / "demo/site.toml")
    export(tmp_path / "demo", "parallel", tmp_path / "out.tsv")
    wrong = [
        float(row["score"])
        for row in rows(tmp_path / "out.tsv")
        if row["level"] == "document" and "sw" in (row["left_edition"], row["right_edition"])
    ]
    print(f"right documents from {min(right):.3f}; wrong ones: median {sorted(wrong)[len(wrong) // 2]:.3f}")
    assert min(right) > 0.95
    assert sum(score < 0.5 for score in wrong) > 0.85 * len(wrong)
