"""A cron expression taken apart, as systemd's calendar writes it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from cronsim import CronSim

_NAME = re.compile("[A-Z]{3}")
"""Of a month or a day of the week."""

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


@dataclass(frozen=True, slots=True)
class CronFields:
    """The values of each field, ascending; empty for all."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    both: bool
    """Whether day and weekday must both be right: else one is enough."""

    @classmethod
    def parse(cls, expression: str) -> CronFields:
        """Take apart an expression that is known to be one.

        Raises:
            ValueError: it has something that only some crons know (``L``, ``#``).
        """
        if set(_NAME.sub("", expression.upper())) & set("L#"):
            raise ValueError(f"{expression!r} cannot be written for others: only some know L and #")
        cron = CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
        weekdays = _some({int(day) % 7 for day in cron.weekdays if isinstance(day, int)}, 7)
        days = _some(cron.days, 31)
        if not cron.day_and and not (days and weekdays):  # either is enough, and one names all
            days = weekdays = ()
        return cls(
            minutes=_some(cron.minutes, 60),
            hours=_some(cron.hours, 24),
            days=days,
            months=_some(cron.months, 12),
            weekdays=weekdays,
            both=cron.day_and,
        )

    def calendars(self, zone: str) -> list[str]:
        """As OnCalendar= of systemd.time(7); two where day or weekday is enough."""
        weekdays = ",".join(_DAYS[day] for day in self.weekdays)
        time = f"{_list(self.hours)}:{_list(self.minutes)}:00 {zone}"
        if self.both or not (self.days and self.weekdays):
            return [f"{weekdays} *-{_list(self.months)}-{_list(self.days)} {time}".strip()]
        return [f"*-{_list(self.months)}-{_list(self.days)} {time}", f"{weekdays} *-{_list(self.months)}-* {time}"]


def _some(values: Collection[int], most: int) -> tuple[int, ...]:
    return () if len(values) == most else tuple(sorted(values))


def _list(values: tuple[int, ...]) -> str:
    return ",".join(f"{value:02}" for value in values) or "*"
