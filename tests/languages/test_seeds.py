"""The seed documents: English bodies under labels and cards in the edition's language."""

from __future__ import annotations

from crawler.languages.paragraphs import LanguageReader, speaks
from tests.shared import need

SEEDS = {
    "000_0f2e8748639a1870.txt": "sw",
    "001_72fb8e2cfc20eed4.txt": "ko",
    "002_04491e12e3a51874.txt": "sv",
    "003_d51684a8ac4161bd.txt": "yo",
    "004_68b5a22ea4a04e14.txt": "ko",
}
READER = LanguageReader("am ar de en es fil fr ha hi it ja ko pt ru sv sw yo".split())
LONG = 150
"""Characters: no label is longer; the body's paragraphs, which come first, are."""


def test_the_body_decides_whatever_the_labels_say() -> None:
    folder = need("seeds")
    for name, edition in SEEDS.items():
        lines = [line for line in (folder / name).read_text("utf-8").split("\n") if line.strip()]
        told = READER.read([line for line in lines if len(line) > LONG][:4], edition)
        assert (told.paragraphs, speaks(told.main, edition)) == (("en",) * 4, False), name


def test_a_notice_in_another_language_is_told_from_the_body() -> None:
    folder = need("seeds")
    for name, edition in SEEDS.items():
        lines = [line for line in (folder / name).read_text("utf-8").split("\n") if line.strip()]
        told = READER.read(lines, edition)
        assert told.main == "en"
        assert told.paragraphs[-1] == told.paragraphs[-2] == edition, name
