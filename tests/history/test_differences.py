"""Word-level differences: whatever two texts are, the operations lead from one to the other."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crawler.coloured import bracketed
from crawler.differences import Operation, differences, shortened

TEXTS = st.text(alphabet="ab \n\xa0学校ሀ\u0301", max_size=60)


@given(TEXTS, TEXTS)
def test_they_lead_from_one_text_to_the_other(old: str, new: str) -> None:
    found = differences(old, new)
    assert "".join(one.text for one in found if one.kind != "insert") == old
    assert "".join(one.text for one in found if one.kind != "delete") == new
    assert all(one.text for one in found)
    assert all(one.kind != two.kind for one, two in pairwise(found))


def test_the_same_text_has_none() -> None:
    assert differences("a b", "a b") == [Operation("equal", "a b")]
    assert differences("", "") == []


def test_words_and_characters_of_scripts_without_spaces() -> None:
    assert bracketed(differences("The old town.", "The new town.")) == "The [-old-]{+new+} town."
    assert bracketed(differences("two of them", "two more of them")) == "two{+ more+} of them"
    assert bracketed(differences("東京の学校", "東京の大学校")) == "東京の{+大+}学校"
    assert bracketed(differences("one two three", "ein zwei three")) == "[-one two-]{+ein zwei+} three"


def test_of_a_long_text_the_neighbourhood_is_shown() -> None:
    old = "\n".join(f"Line {number} of the text." for number in range(100))
    [before, went, came, after] = shortened(differences(old, old.replace("Line 50 of", "Line 50 in")))
    assert (went.text, came.text) == ("of", "in")
    assert before.text.endswith("Line 50 ")
    assert len(before.text) < 50
    assert after.text.startswith(" the text.")
