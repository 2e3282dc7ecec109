"""The site's pictures: small scenes of plain shapes, drawn here and written as PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; lengths in parts of a thousand of the picture's width and height."""

    left: int
    top: int
    right: int
    bottom: int
    colour: Colour

    def spans(self, width: int, height: int) -> Iterator[tuple[int, int, int]]:
        """Row, first and last column of each run of pixels."""
        for row in range(self.top * height // 1000, self.bottom * height // 1000):
            yield row, self.left * width // 1000, self.right * width // 1000


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled circle: centre in thousandths of width and height, radius in thousandths of the height."""

    x: int
    y: int
    radius: int
    colour: Colour

    def spans(self, width: int, height: int) -> Iterator[tuple[int, int, int]]:
        """Row, first and last column of each run of pixels."""
        centre_x, centre_y, radius = self.x * width // 1000, self.y * height // 1000, self.radius * height // 1000
        for row in range(centre_y - radius, centre_y + radius):
            half = int((radius * radius - (row - centre_y) ** 2) ** 0.5)
            yield row, centre_x - half, centre_x + half


@dataclass(frozen=True, slots=True)
class Gable:
    """A triangle standing on its base: a roof, a hill, a sail, a lightning's tip."""

    left: int
    right: int
    top: int
    bottom: int
    colour: Colour

    def spans(self, width: int, height: int) -> Iterator[tuple[int, int, int]]:
        """Row, first and last column of each run of pixels."""
        first, last = self.top * height // 1000, self.bottom * height // 1000
        middle, half = (self.left + self.right) * width // 2000, (self.right - self.left) * width // 2000
        for row in range(first, last):
            reach = half * (row - first) // max(1, last - first)
            yield row, middle - reach, middle + reach


Shape = Box | Disc | Gable

NIGHT, DUSK, DAY, GREY = (22, 28, 58), (240, 178, 122), (168, 210, 236), (120, 130, 142)
WATER, DEEP, GRASS, SOIL, SAND = (40, 108, 150), (24, 74, 110), (96, 156, 84), (120, 84, 56), (226, 204, 160)
WALL, ROOF, STONE, IRON, SHADE = (236, 226, 208), (170, 74, 58), (150, 146, 138), (66, 70, 80), (44, 48, 58)
SUN, MOON, LIGHT, WHITE, RED, BLUE = (
    (250, 214, 96),
    (238, 236, 214),
    (252, 236, 170),
    (250, 250, 248),
    (196, 62, 54),
    (52, 92, 168),
)


def _row(
    shape: type[Box], count: int, *, first: int, step: int, size: int, top: int, bottom: int, colour: Colour
) -> tuple[Shape, ...]:
    starts = range(first, first + count * step, step)
    return tuple(shape(left, top, left + size, bottom, colour) for left in starts)


SCENES: dict[str, tuple[Colour, tuple[Shape, ...]]] = {
    "harbour": (
        DUSK,
        (
            Disc(760, 560, 130, SUN),
            Box(0, 600, 1000, 1000, WATER),
            Box(0, 560, 260, 640, STONE),
            Gable(330, 560, 250, 600, WHITE),
            Box(330, 605, 590, 660, RED),
            Box(365, 660, 555, 680, RED),
            Box(60, 300, 90, 560, IRON),
            Box(60, 300, 240, 330, IRON),
        ),
    ),
    "train": (
        DAY,
        (
            Gable(-100, 520, 260, 700, GRASS),
            Gable(380, 1100, 320, 700, GRASS),
            Box(0, 700, 1000, 1000, SOIL),
            Box(120, 440, 900, 680, BLUE),
            *_row(Box, 7, first=160, step=100, size=70, top=490, bottom=580, colour=LIGHT),
            Disc(230, 690, 40, SHADE),
            Disc(500, 690, 40, SHADE),
            Disc(780, 690, 40, SHADE),
            Box(0, 730, 1000, 750, IRON),
        ),
    ),
    "classroom": (
        WALL,
        (
            Box(200, 140, 800, 500, (40, 84, 70)),
            Box(200, 500, 800, 520, SOIL),
            Box(260, 220, 560, 235, WHITE),
            Box(260, 290, 640, 305, WHITE),
            Box(0, 780, 1000, 1000, SAND),
            *_row(Box, 4, first=100, step=220, size=150, top=680, bottom=720, colour=SOIL),
            *_row(Box, 4, first=120, step=220, size=16, top=720, bottom=880, colour=SHADE),
        ),
    ),
    "clinic": (
        DAY,
        (
            Box(0, 780, 1000, 1000, GRASS),
            Box(220, 340, 780, 800, WHITE),
            Gable(190, 810, 180, 340, ROOF),
            Box(470, 400, 530, 560, RED),
            Box(425, 450, 575, 510, RED),
            Box(460, 620, 540, 800, SHADE),
            *_row(Box, 2, first=280, step=360, size=90, top=600, bottom=700, colour=WATER),
        ),
    ),
    "field": (
        DAY,
        (
            Disc(180, 220, 110, SUN),
            Gable(500, 1200, 380, 620, GRASS),
            Box(0, 600, 1000, 1000, SOIL),
            *_row(Box, 9, first=20, step=115, size=60, top=640, bottom=1000, colour=GRASS),
        ),
    ),
    "telescope": (
        NIGHT,
        (
            Disc(820, 200, 70, MOON),
            *(Disc((n * 311) % 1000, (n * 173) % 600, 6, WHITE) for n in range(1, 32)),
            Gable(-200, 1200, 640, 1000, SHADE),
            Disc(480, 640, 190, STONE),
            Box(340, 640, 620, 860, WALL),
            Box(450, 440, 500, 660, NIGHT),
        ),
    ),
    "museum": (
        DAY,
        (
            Box(0, 840, 1000, 1000, SAND),
            Gable(140, 860, 180, 380, STONE),
            Box(160, 380, 840, 430, WALL),
            *_row(Box, 6, first=190, step=112, size=56, top=430, bottom=780, colour=WALL),
            Box(140, 780, 860, 850, STONE),
        ),
    ),
    "storm": (
        GREY,
        (
            Disc(330, 280, 130, SHADE),
            Disc(470, 220, 190, SHADE),
            Disc(620, 260, 150, SHADE),
            Box(250, 300, 700, 410, SHADE),
            Gable(470, 540, 380, 640, LIGHT),
            *_row(Box, 11, first=90, step=80, size=6, top=480, bottom=700, colour=DAY),
            Box(0, 760, 1000, 1000, DEEP),
        ),
    ),
    "market": (
        WALL,
        (
            Box(0, 760, 1000, 1000, SAND),
            Box(120, 360, 880, 420, RED),
            *_row(Box, 5, first=120, step=160, size=80, top=360, bottom=420, colour=WHITE),
            Box(130, 420, 150, 780, SHADE),
            Box(850, 420, 870, 780, SHADE),
            Box(120, 620, 880, 700, SOIL),
            *(Disc(200 + 75 * n, 600, 44, (SUN, RED, GRASS)[n % 3]) for n in range(9)),
        ),
    ),
    "stadium": (
        DUSK,
        (
            Box(0, 420, 1000, 700, STONE),
            *(Disc(40 + 46 * n, 470 + 60 * (n % 3), 18, (RED, BLUE, SUN)[n % 3]) for n in range(21)),
            Box(0, 640, 1000, 1000, GRASS),
            Box(490, 640, 510, 1000, WHITE),
            Disc(500, 820, 90, WHITE),
            Disc(500, 820, 76, GRASS),
            Box(60, 120, 80, 640, IRON),
            Box(30, 100, 110, 180, LIGHT),
        ),
    ),
    "street": (
        DAY,
        (
            Box(40, 260, 260, 800, ROOF),
            Box(280, 160, 480, 800, WALL),
            Box(500, 320, 700, 800, STONE),
            Box(720, 220, 950, 800, SAND),
            *(
                Box(left, top, left + 40, top + 70, SHADE)
                for left in (80, 170, 320, 405, 545, 625, 770, 860)
                for top in (360, 470, 580, 690)
            ),
            Box(0, 800, 1000, 1000, IRON),
            *_row(Box, 6, first=40, step=180, size=100, top=890, bottom=910, colour=WHITE),
        ),
    ),
    "river": (
        DAY,
        (
            Gable(-200, 600, 200, 620, GRASS),
            Gable(300, 1300, 140, 620, (70, 128, 76)),
            Box(0, 620, 1000, 1000, GRASS),
            Gable(250, 850, 560, 1000, WATER),
            Box(180, 690, 820, 730, STONE),
            Box(300, 730, 325, 830, STONE),
            Box(675, 730, 700, 830, STONE),
        ),
    ),
}
"""Name → background and shapes, painted in their order."""

SIZES = (640, 320)
"""Widths in pixels; each picture is 16 : 9."""


@cache
def picture(name: str, width: int) -> bytes:
    """The scene *name* as a PNG, *width* pixels wide. Raises KeyError for a name that is no scene."""
    background, shapes = SCENES[name]
    return png(width, width * 9 // 16, background, shapes)


def png(width: int, height: int, background: Colour, shapes: tuple[Shape, ...]) -> bytes:
    """An indexed-colour PNG (PNG 3rd edition, 11.2) of *shapes* over *background*."""
    palette = list(dict.fromkeys([background, *(shape.colour for shape in shapes)]))
    rows = [bytearray(width) for _ in range(height)]
    for shape in shapes:
        _paint(rows, width, shape, palette.index(shape.colour))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", bytes(part for c in palette for part in c)),
        (b"IDAT", pixels),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _paint(rows: list[bytearray], width: int, shape: Shape, index: int) -> None:
    for row, first, last in shape.spans(width, len(rows)):
        first, last = max(0, first), min(width, last)
        if 0 <= row < len(rows) and first < last:
            rows[row][first:last] = bytes([index]) * (last - first)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def favicon() -> bytes:
    """A lamp by night as an ICO file that holds one PNG of 32 × 32."""
    lamp: tuple[Shape, ...] = (
        Gable(300, 700, 120, 360, IRON),
        Box(340, 360, 660, 760, LIGHT),
        Box(280, 760, 720, 860, IRON),
    )
    image = png(32, 32, NIGHT, lamp)
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 32, 32, 0, 0, 1, 32, len(image), 22) + image
