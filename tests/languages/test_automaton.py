"""All texts walked at once, against py3langid's own walk, a step a byte."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

from crawler.languages.automaton import Automaton

MODEL = LanguageIdentifier.from_model_file(MODEL_FILE)
AUTOMATON = Automaton(MODEL.tk_nextmove, MODEL.tk_row, MODEL.tk_output)
ROWS = [row << 8 for row in MODEL.tk_row]
WORDS = st.sampled_from(["the ", "Der ", "habari za ", "뉴스", "ዜና", "ìròyìn", "överens", "خبر", "\0", "1"])


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40) | st.lists(WORDS, max_size=20).map(lambda words: "".join(words).encode())))
def test_features_are_those_of_a_walk_step_by_step(texts: list[bytes]) -> None:
    told = [Counter[int]() for _ in texts]
    for of, feature, count in zip(*(one.tolist() for one in AUTOMATON.count(texts)), strict=True):
        told[of][feature] = count
    assert told == [visit_counts(MODEL.tk_nextmove, ROWS, MODEL.tk_output, text) or Counter() for text in texts]
