"""Sleeps that libfaketime 0.9.10 leaves alone: it refuses Python's own, which name the moment of their end."""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
