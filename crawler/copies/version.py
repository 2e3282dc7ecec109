"""What near-copies depend on, beside the documents."""

from __future__ import annotations

from rensa import RMinHash

VERSION = 2
"""Of n-grams, signatures and the rules of kinship."""


def copies_version() -> str:
    """In words; two corpora made with the same one find the same near-copies."""
    return f"copies {VERSION}, rensa's algorithm {RMinHash.ALGORITHM_VERSION}"
