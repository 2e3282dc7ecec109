"""Alignment: anchors, sentences, and what holds of every alignment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.export.alignment import MOST_CELLS, PIECES, RUNS, align, heads_related
from crawler.export.anchors import anchors
from crawler.export.evidence import Piece
from crawler.export.sentences import sentences

PIECE = st.builds(
    Piece, st.floats(1, 2_000), st.frozensets(st.sampled_from(["12", "640000", "ostra", "?", "7"])), st.booleans()
)
TEXT = st.lists(PIECE, min_size=1, max_size=6)


@given(TEXT, TEXT, st.floats(0.3, 3), st.sampled_from([PIECES, RUNS]))
def test_every_piece_is_in_one_bead_in_order(
    left: list[Piece], right: list[Piece], ratio: float, shapes: dict[tuple[int, int], float]
) -> None:
    alignment = align(left, right, ratio, shapes)
    assert [n for bead in alignment.beads for n in range(bead.left.start, bead.left.stop)] == list(range(len(left)))
    assert [n for bead in alignment.beads for n in range(bead.right.start, bead.right.stop)] == list(
        range(len(right))
    )
    assert all(0 < bead.score <= 1 for bead in alignment.beads)
    assert all(bead.shape in shapes for bead in alignment.beads)
    assert 0 <= alignment.shared <= 1
    assert 0 <= heads_related(left, right, ratio) <= 1


def test_a_heading_is_joined_with_nothing() -> None:
    left = [Piece(300), Piece(30, alone=True), Piece(300)]
    shapes = {bead.shape for bead in align(left, [Piece(300), Piece(330)], 1.0).beads}
    assert shapes <= {(1, 1), (1, 0), (0, 1)}


def test_a_number_tells_which_of_two_was_left_out() -> None:
    """By their lengths alone the paragraphs are all alike."""
    numbers = ["11", "22", "33", "44"]
    left = [Piece(200, frozenset({number})) for number in numbers]
    for gone in range(4):
        right = [piece for number, piece in enumerate(left) if number != gone]
        alone = [bead.left.start for bead in align(left, right, 1.0).beads if bead.shape == (1, 0)]
        assert alone == [gone]


def test_texts_too_long_or_empty_are_refused() -> None:
    for left, right in (([], [Piece(1)]), ([Piece(1)] * (MOST_CELLS + 1), [Piece(1)])):
        with pytest.raises(ValueError, match="cannot be aligned"):
            align(left, right, 1.0)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("640,000 of 10.8 and 5", {"640000", "108", "5"}),
        ("640 000 och 10,8", {"640000", "108"}),
        ("٦٤٠٬٠٠٠ و ١٠٫٨", {"640000", "108"}),
        ("６４０，０００", {"640", "000"}),
        ("at 7:30 on 12 May 2026", {"730", "12", "2026", "may"}),
        ("Ostra Linn, U.S. ostra", {"ostra", "linn"}),
        ("هل وصلت OpenAI؟", {"openai", "?"}),
        ("「はい」22％", {'"', "22", "%"}),
    ],
)
def test_anchors(text: str, wanted: set[str]) -> None:
    assert anchors(text) == wanted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('He paid 3.5 million. "No!" she said. Then?', 4),
        ("日本語です。「はい。」次。", 3),
        ("አንድ ነው። ሁለት ነው፧ ሦስት", 3),
        ("هل وصلت؟ نعم. لا", 3),
        ("यह है। वह है।", 2),
        ("No end", 1),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@given(st.text(st.sampled_from("ab .。!?\n»)」።")))
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text
