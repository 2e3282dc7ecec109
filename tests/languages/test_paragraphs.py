"""Each paragraph's language, the body's, and whether it is the edition's."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from crawler.demo.labels import EDITIONS
from crawler.demo.story import Story, load_stories
from crawler.languages.identifier import identifier, model_code
from crawler.languages.paragraphs import LanguageReader, speaks

ALLTHE_NEWS = "am ar de en es fil fr ha hi it ja ko pt ru sv sw yo".split()
SWEDISH = "Spårvagnarna gick på fredagen för första gången på elva dagar, sedan förarna röstat ja till avtalet."
ENGLISH = "Trams ran on Friday for the first time in eleven days, after the drivers had voted for the agreement."
KOREAN = "노조와 회사가 임금 인상에 합의하면서 금요일에 열하루 만에 전차가 다시 달렸다."


@pytest.fixture(scope="module")
def reader() -> LanguageReader:
    return LanguageReader(ALLTHE_NEWS)


def body(story: Story, edition: str) -> list[str]:
    text = story.page(edition, 1)
    return [*text.paragraphs, *filter(None, [text.subheading, text.quote, *text.list])]


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_paragraph_of_the_demo_is_told_in_every_edition(reader: LanguageReader, edition: str) -> None:
    wrong, count = [], 0
    for story in load_stories():
        if edition not in story.editions:
            continue
        spoken = edition if story.translated(edition) else "en"
        paragraphs = body(story, edition)
        told = reader.read(paragraphs, edition)
        assert told.main == spoken
        assert speaks(told.main, edition) is story.translated(edition)
        wrong += [one for one, code in zip(paragraphs, told.paragraphs, strict=True) if code != spoken]
        count += len(paragraphs)
    assert count > 80
    assert wrong == []


def test_a_paragraph_in_another_language_is_told_from_the_rest(reader: LanguageReader) -> None:
    told = reader.read([ENGLISH, SWEDISH, ENGLISH, KOREAN, ENGLISH], "sv")
    assert told.paragraphs == ("en", "sv", "en", "ko", "en")
    assert told.main == "en"
    assert all(score > 0.95 for score in told.scores)
    assert speaks(told.main, "sv") is False
    assert speaks(told.main, "en-GB") is True


def test_short_lines_and_numbers_go_with_what_is_around_them(reader: LanguageReader) -> None:
    alone = reader.read(["Artikel 4.", "Nr 12"], "en")
    assert alone.paragraphs[0] != "sv"
    told = reader.read([SWEDISH, "Artikel 4.", "12 345", "* * *", SWEDISH], "en")
    assert told.paragraphs == ("sv",) * 5
    assert reader.read([ENGLISH, "전차 운행 재개", ENGLISH]).paragraphs == ("en", "ko", "en")


def test_a_body_without_letters_or_without_anything_speaks_nothing(reader: LanguageReader) -> None:
    assert reader.read([]).main is None
    told = reader.read(["1, 2, 3", "***"], "ko")
    assert (told.main, told.paragraphs, told.scores) == (None, ("und", "und"), (0.0, 0.0))
    assert speaks(told.main, "ko") is None


def test_regions_and_names_of_languages_are_brought_together() -> None:
    reader = LanguageReader(["pt-BR", "fil", "nb", "zh-Hant-TW"])
    assert [model_code(tag) for tag in ("fil", "nb", "zh-Hant-TW", "arb", "swh")] == ["tl", "no", "zh", "ar", "sw"]
    tagalog = "Nagbalik ang mga tram noong Biyernes matapos bumoto ang mga drayber para sa kasunduan sa sahod."
    assert reader.read([tagalog]).main == "fil"
    assert speaks("pt", "pt-BR") is True


def test_a_language_that_the_model_lacks_is_not_taken_for_another() -> None:
    tsonga = LanguageReader(["ts", "sw"])
    text = "Vanhu hinkwavo va velekiwile va ntshunxekile naswona va ringana hi xindzhuti na timfanelo."
    told = tsonga.read([text, ENGLISH, ENGLISH], "ts")
    assert told.paragraphs == ("und", "en", "en")
    assert speaks(tsonga.read([text], "ts").main, "ts") is None


def test_the_whole_numbers_say_what_py3langid_says() -> None:
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    codes = [model_code(tag) for tag in ALLTHE_NEWS]
    model.set_languages(codes)
    texts = [text for story in load_stories()[:4] for e in story.editions for text in body(story, e)]
    texts = [text.encode()[:75].decode("utf-8", "ignore") for text in texts]
    assert len(texts) > 30
    ours = identifier(frozenset(codes))
    for text, found in zip(texts, ours.identify(texts), strict=True):
        code, probability = model.classify(text)
        assert ours.codes[found.argmax()] == code
        assert found.max() == pytest.approx(probability, abs=0.001)


def test_without_room_for_temporary_files_the_model_is_loaded_all_the_same() -> None:
    told = "import sys; from crawler.languages.paragraphs import LanguageReader as R"
    told += "; print(R(['sw', 'ko', 'sv']).read(sys.argv[1:]))"
    texts = [SWEDISH, KOREAN]
    done = subprocess.run(
        [sys.executable, "-c", told, *texts], capture_output=True, text=True, timeout=240, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
    )  # fmt: skip
    assert done.stdout == f"{LanguageReader(['sw', 'ko', 'sv']).read(texts)}\n", done.stderr
