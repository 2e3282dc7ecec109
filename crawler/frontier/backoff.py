"""How long a host is left alone that is too busy to answer and does not say for how long."""

from __future__ import annotations

LEAST = 0.5
"""Seconds that it is left alone at first, where the delay between requests is none."""


class BackOff:
    """Twice the *delay* between requests at first, in seconds; then twice as long each time, up to *most*.

    With each answer that it does give, half as long again.
    """

    def __init__(self, delay: float, most: float) -> None:
        self._least = max(2 * delay, LEAST)
        self._most = max(most, delay)
        self._waits: dict[str, float] = {}

    def busy(self, host: str) -> float:
        """*host* gave no answer; the seconds for which it is to be left alone."""
        wait = min(max(2 * self._waits.get(host, 0.0), self._least), self._most)
        self._waits[host] = wait
        return wait

    def answered(self, host: str) -> None:
        """*host* gave an answer."""
        wait = self._waits.pop(host, 0.0) / 2
        if wait >= self._least:
            self._waits[host] = wait
