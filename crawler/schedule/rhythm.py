"""When a schedule is due: each so often, or by a cron expression in a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from crawler.schedule.span import show_span

LEAST_CRON_GAP = timedelta(minutes=1)
"""Between two times that a cron expression names."""


@dataclass(frozen=True, slots=True)
class Every:
    """Each so often, in elapsed time: daylight saving changes nothing."""

    span: timedelta

    def __str__(self) -> str:
        return f"every {show_span(self.span)}"

    def first(self, now: datetime) -> datetime:
        """At once."""
        return now

    def following(self, last: datetime, now: datetime) -> datetime:
        """The next time after *now*, in step with *last*; a span from *now* where the clock went back behind it."""
        if last > now:
            return now + self.span
        return last + ((now - last) // self.span + 1) * self.span


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression of five fields, in a time zone (an IANA name).

    Where the clock springs forward, a time of day that does not exist comes at the change; where it falls back, one
    that exists twice comes once. Expressions that begin with ``*`` in minutes or hours go by elapsed time: the
    hours of ``0 */2 * * *`` that are skipped do not come, and those that exist twice come twice. Both are Debian
    cron's rules.

    Raises:
        ValueError: the expression names no time.
    """

    expression: str
    zone: str

    def __post_init__(self) -> None:
        if len(self.expression.split()) != 5:
            raise ValueError(
                f"{self.expression!r} is no cron expression: it has not five fields, as in '0 */6 * * *'"
            )
        try:
            self._after(datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(f"{self.expression!r} is no cron expression: {_lower(str(error))}") from error
        except StopIteration as error:
            raise ValueError(f"{self.expression!r} names a day that does not exist") from error

    def __str__(self) -> str:
        return f"{self.expression} {self.zone}"

    def first(self, now: datetime) -> datetime:
        """The next time that it names."""
        return self._after(now)

    def following(self, last: datetime, now: datetime) -> datetime:
        """The next time after *now* that is not *last* again where the clock was set back."""
        if now < last < now + (self._after(last) - last):
            return self._after(last)
        return self._after(now)

    def _after(self, moment: datetime) -> datetime:
        """The library goes by local time, and in an hour that comes twice answers with one that is over."""
        times = CronSim(self.expression, moment.astimezone(ZoneInfo(self.zone)))
        return next(found for time in times if (found := time.astimezone(UTC)) > moment)


Rhythm = Every | Cron


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
