"""What all tests share."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import settings

from crawler.seeds import Seed
from crawler.state import State
from crawler.text.corpus import Corpus
from crawler.text.ledger import Ledger
from crawler.text.seedtext import extractor

# The same examples at each run, so that a red run means a change; EDITIONS_FUZZ=1 looks for new ones. The deadline is
# for hangs: the machines that run this are shared and slow at times.
settings.register_profile("editions", deadline=30_000, derandomize="EDITIONS_FUZZ" not in os.environ)
settings.load_profile("editions")

# Hypothesis also tries the constants of all modules that are loaded: then any new literal anywhere, or running a test
# alone, would change the examples of the others.
with suppress(ImportError, AttributeError):
    from hypothesis.internal.conjecture import providers

    providers._get_local_constants = lambda: providers._local_constants

# A runner in the background may have Ctrl-C ignored, and so would every child that a test stops by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Corpora:
    """Makes corpora whose state is in one memory."""

    def __init__(self, state: State) -> None:
        self._ledger = Ledger(state)

    def __call__(self, folder: Path, *seeds: Seed) -> Corpus:
        return Corpus(folder, self._ledger, extractor(), seeds)


@pytest.fixture
def state() -> Iterator[State]:
    """An empty state in memory, closed at the end: Python 3.13 warns of those left open."""
    with closing(State()) as made:
        yield made


@pytest.fixture
def corpus(state: State) -> Corpora:
    return Corpora(state)
