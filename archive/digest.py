"""Labelled digests as WARC fields and indexes write them: any algorithm, base 16, 32 or 64, any case."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Protocol

_ALGORITHMS = {
    "md5": "md5",
    "sha1": "sha1",
    "sha224": "sha224",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "sha512224": "sha512_224",
    "sha512256": "sha512_256",
    "sha3224": "sha3_224",
    "sha3256": "sha3_256",
    "sha3384": "sha3_384",
    "sha3512": "sha3_512",
    "blake2s": "blake2s",
    "blake2b": "blake2b",
}
_LABELLED = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([!#$%&'*+\-.^_`|~0-9A-Za-z/=]+)\Z")


class Hasher(Protocol):
    """What `hashlib.new` gives."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes in."""

    def digest(self) -> bytes:
        """What came of the bytes so far."""
        ...


class DigestError(ValueError):
    """A text that is no labelled digest; its message says why."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest whose base and case no longer matter."""

    algorithm: str
    """As hashlib names it; where hashlib has none of that name, the label in lower case."""
    value: bytes | None
    """None where the algorithm is not known, so that the value cannot be compared."""
    text: str = field(default="", compare=False)
    """As it was written."""

    @property
    def known(self) -> bool:
        """Whether it can be computed here."""
        return self.value is not None

    def hasher(self) -> Hasher:
        """A fresh hash object of the algorithm."""
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def fits(self, hasher: Hasher) -> bool:
        """Whether *hasher* came to this digest."""
        return hasher.digest() == self.value

    def __str__(self) -> str:
        return self.text


def parse_digest(text: str) -> Digest:
    """A ``labelled-digest`` (WARC 1.1, 5.8), read as leniently as the community's notes on it ask.

    Raises `DigestError` where it is none: malformed, or not as long as the algorithm's digests are.
    """
    match = _LABELLED.match(text)
    if not match:
        raise DigestError("is not ALGORITHM:VALUE")
    label = match[1].lower()
    name = _ALGORITHMS.get(re.sub(r"[-_/]", "", label))
    if name is None:
        return Digest(label, None, text)
    size = hashlib.new(name, usedforsecurity=False).digest_size
    value = _decode(match[2], size)
    if value is None:
        raise DigestError(f"is no {label} digest: its value is not {size} bytes in base 16, 32 or 64")
    return Digest(name, value, text)


def _decode(text: str, size: int) -> bytes | None:
    """*text* as *size* bytes; its length without padding tells the base."""
    bare = text.rstrip("=")
    try:
        if len(bare) == 2 * size:
            return binascii.unhexlify(bare)
        if len(bare) == -(-8 * size // 5):
            return base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))
        if len(bare) == -(-4 * size // 3):
            bare = bare.replace("-", "+").replace("_", "/")
            return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        pass
    return None
