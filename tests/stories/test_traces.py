"""What stories leave in every language: numbers in one spelling, names, images."""

from __future__ import annotations

import pytest

from crawler.stories.numbers import figures, numbers
from crawler.stories.traces import image_name, names


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("640,000 cubic metres", ["640000"]),
        ("640 000 kubikmeter", ["640000"]),
        ("640.000 Kubikmeter", ["640000"]),
        ("640’000 und 640\u202f000", ["640000", "640000"]),
        ("٦٤٠٬٠٠٠ متر مكعب", ["640000"]),
        ("침전토 64만 세제곱미터", ["640000"]),
        ("1キロ当たり1万9500円で", ["19500"]),
        ("1만 9500원, 351万円, 1億2000万人", ["19500", "3510000", "120000000"]),
        ("3.5만 명과 2천 명", ["35000", "2000"]),
        ("10.8 metres, 10,8 meter, 10٫8 أمتار", ["10.8", "10.8", "10.8"]),
        ("31 kwa 24, 1,200, 300 and 4.", ["31", "24", "1200", "300"]),
        ("from 2024 to 2026-01-05 at 05:30", ["2024", "2026", "30"]),
        ("no. 1 and 2, Covid-9", []),
        ("", []),
    ],
)
def test_numbers_have_one_spelling(text: str, wanted: list[str]) -> None:
    assert list(numbers(text)) == wanted


@pytest.mark.parametrize(
    ("number", "wanted"),
    [("3.51", "351"), ("3510000", "351"), ("640000", ""), ("2026", ""), ("10.8", "108"), ("418", "")],
)
def test_figures_say_the_same_of_millions_written_out_and_not(number: str, wanted: str) -> None:
    assert figures(number) == wanted


def test_names_are_compared_without_endings_and_marks() -> None:
    assert list(names("Pellworths hamn, Pellworth's harbour, PELLWORTH")) == ["pellwo", "pellwo", "PELLWORTH"]
    assert list(names("São Tomé, the SRA and ስለ AI")) == ["Tome".lower(), "SRA", "AI"]
    assert list(names("펠워스 항과 ميناء بيلورث")) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a.org/images/harbour-640.png",
        "https://a.org/images/harbour-320x180.png?v=2",
        "https://cdn.a.org/w_320/Harbour@2x.jpg",
        "/images/harbour_w320-scaled.webp",
        "https://a.org/harbour",
    ],
)
def test_an_image_is_the_same_in_every_size(url: str) -> None:
    assert image_name(url) == "harbour"


def test_images_with_plain_names_are_told_by_their_paths() -> None:
    assert image_name("https://a.org/2026/03/16/image-640.png") == "/2026/03/16/image-640.png"
    assert image_name("https://a.org/x/17.jpg") == "/x/17.jpg"
