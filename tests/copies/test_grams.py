"""Signatures: the same for the same words, everywhere; near for texts that are near."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from crawler.copies.grams import MOST, SLOTS, bands, estimate, gram_set, grams, jaccard, signature
from crawler.demo.story import load_stories

STORY = next(one for one in load_stories() if one.slug.startswith("tram-strike"))
BODY = STORY.texts["en"].paragraphs
SIGN = """
import hashlib, sys
from crawler.copies.grams import signature
from crawler.demo.story import load_stories
signed = b"".join(signature(s.texts["en"].paragraphs) for s in load_stories())
print(sys.byteorder, hashlib.sha256(signed).hexdigest())
"""


def test_signatures_are_the_same_in_each_process() -> None:
    runs = {subprocess.run([sys.executable, "-c", SIGN], capture_output=True, text=True).stdout for _ in range(2)}
    signed = b"".join(signature(one.texts["en"].paragraphs) or b"" for one in load_stories())
    assert runs == {f"{sys.byteorder} {hashlib.sha256(signed).hexdigest()}\n"}


def test_signatures_are_those_that_corpora_were_made_with() -> None:
    # Where this fails, signatures have changed: the VERSION of copies must too, so that corpora are made again.
    signed = signature(BODY) or b""
    assert len(signed) == 4 * SLOTS
    assert hashlib.sha256(signed).hexdigest() == "c16dc00e3ad2d24bd5c1cd6445b80911cc8e57bbba0c75dd2af6170e0429cd73"


def test_case_punctuation_and_breaks_make_no_difference() -> None:
    plain = " ".join(BODY)
    assert signature([plain.upper().replace(",", " –")]) == signature(BODY)
    assert jaccard(gram_set([plain]), gram_set(BODY)) == 1.0


def test_what_is_too_short_or_has_no_letters_has_none() -> None:
    assert signature([]) is None
    assert signature(["Stay informed. Sign up for our newsletter."]) is None
    assert signature(["* " * 200]) is None
    assert len(grams(["three"])) == 0


def test_estimates_come_near_the_truth() -> None:
    for left_out in range(1, len(BODY)):
        part = BODY[left_out:]
        truth = jaccard(gram_set(BODY), gram_set(part))
        assert abs(estimate(signature(BODY) or b"", signature(part) or b"") - truth) < 0.12


def test_long_texts_are_compared_by_a_sample_that_comes_near_the_truth() -> None:
    chance = random.Random(1)
    words = [f"word{chance.randrange(10**6)}" for _ in range(20_000)]
    for shared in (0, 6_000, 12_000, 18_000):
        one, other = words[:18_000], words[18_000 - shared : 18_000] + [f"{word}x" for word in words[shared:18_000]]
        first, second = (set(grams([" ".join(text)]).tolist()) for text in (one, other))
        truth = len(first & second) / len(first | second)
        sampled = [gram_set([" ".join(text)]) for text in (one, other)]
        assert all(len(each.hashes) < 1.1 * MOST < len(first) / 10 for each in sampled)
        assert abs(jaccard(*sampled) - truth) < 0.02
        assert jaccard(sampled[0], gram_set(one[:100])) < 0.05


def test_stories_that_differ_share_hardly_anything() -> None:
    for edition in ("en", "ko", "am", "ar", "yo"):
        bodies = [
            one.texts[edition].paragraphs for one in load_stories() if one.translated(edition) and not one.retells
        ]
        told = [gram_set(body) for body in bodies]
        assert max(jaccard(one, other) for at, one in enumerate(told) for other in told[:at]) < 0.05


def test_copies_share_every_band_and_strangers_none() -> None:
    signed = signature(BODY) or b""
    stranger = signature(load_stories()[0].texts["en"].paragraphs) or b""
    assert len(set(bands(signed))) == 42
    assert all(0 <= key < 1 << 48 for key in bands(signed))
    assert not set(bands(signed)) & set(bands(stranger))


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_can_be_signed(one: str, other: str) -> None:
    first, second = set(grams([one]).tolist()), set(grams([other]).tolist())
    assert jaccard(gram_set([one]), gram_set([other])) == len(first & second) / max(1, len(first | second))
    for text in (one, other):
        signed = signature([text])
        assert signed is None or len(bands(signed)) == 42
