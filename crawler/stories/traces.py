"""What a story leaves in all its editions, in whatever language: images, numbers, names, words kept as they were."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Literal, get_args
from urllib.parse import unquote, urlsplit

from crawler.page.item import Item, ItemImage
from crawler.stories.numbers import figures, numbers

Kind = Literal["image", "alt", "text", "name", "number", "figures"]

KINDS: tuple[Kind, ...] = get_args(Kind)

Trace = tuple[Kind, str]
"""A kind, and what is compared: equal traces are the same thing said."""

WHOLE = 60
"""Characters of a paragraph that no other story has by chance."""

_NAME = 6
"""Letters of a name that are compared: a Swedish genitive adds one."""

_WORD = re.compile(r"[^\W\d_]+")
_SIZE = re.compile(r"(?:[-_@.](?:\d{2,4}x\d{2,4}|\d{2,4}w?|[wh]\d{2,4}|\dx|scaled|small|medium|large|thumb))+$", re.I)
_PLAIN = re.compile(r"image|img|photo|main|hero|cover|default|\d{1,3}|.{1,3}", re.I)


def traces(item: Item) -> frozenset[Trace]:
    """The traces of an item's story: in its headline, lead, body and images, not in its related cards."""
    texts = [text for text in (item.headline, item.lead, *(block.text for block in item.blocks)) if text]
    found = {number for text in texts for number in numbers(text)}
    return frozenset(
        [
            *_of_images(item.images),
            *(("text", _digest(line)) for text in texts for line in text.split("\n") if len(line) >= WHOLE),
            *(("name", name) for text in texts for name in names(text)),
            *(("number", number) for number in found),
            *(("figures", few) for number in found if (few := figures(number))),
        ]
    )


def names(text: str) -> Iterator[str]:
    """Words in Latin letters that begin with a capital, as they can be in any edition: the first letters of long
    ones without marks, acronyms whole. First words of sentences are among them; how rare a word is decides.
    """
    for word in _WORD.findall(text):
        if not word[0].isupper():
            continue
        plain = word if word.isascii() else unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
        if len(plain) > 1 and plain.isupper():
            yield plain
        elif len(plain) > 3:
            yield plain[:_NAME].lower()


def image_name(url: str) -> str:
    """What names an image whatever its size: the file's name without it, or the whole path where that is plain."""
    path = unquote(urlsplit(url).path)
    stem = _SIZE.sub("", path.rpartition("/")[2].rpartition(".")[0] or path.rpartition("/")[2])
    return path if _PLAIN.fullmatch(stem) else stem.lower()


def _of_images(images: Iterable[ItemImage]) -> Iterator[Trace]:
    for image in images:
        yield "image", image_name(image.url)
        if image.alt and len(image.alt) > WHOLE / 2:
            yield "alt", _digest(image.alt)


def _digest(text: str) -> str:
    """Sixteen hex digits: a hundred thousand documents keep millions of them in memory."""
    return blake2b(" ".join(text.split()).encode(), digest_size=8).hexdigest()
