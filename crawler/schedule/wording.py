"""Schedules and runs in words, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crawler.schedule.policy import show_bounds
from crawler.schedule.schedule import Run, Schedule

SCHEDULE_HEADS = ("site", "rhythm", "next run", "last outcome")
RUN_HEADS = ("run", "site", "start", "end", "outcome", "pages", "new", "changed", "bytes", "refused", "why")


def show_moment(moment: datetime | None, zone: str) -> str:
    """To the second, with its offset, in a time zone."""
    return "-" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S%z")


def schedule_row(schedule: Schedule, last: Run | None) -> tuple[str, ...]:
    """For the table of schedules, by SCHEDULE_HEADS."""
    next_ = f"paused: {schedule.paused}" if schedule.paused is not None else show_moment(schedule.next, schedule.zone)
    return schedule.site, rhythm_of(schedule), next_, outcome_of(last, schedule.zone)


def rhythm_of(schedule: Schedule) -> str:
    """Its rhythm, and the bounds of an adaptive one."""
    return f"{schedule.rhythm}, {show_bounds(schedule.bounds)}" if schedule.bounds else str(schedule.rhythm)


def outcome_of(run: Run | None, zone: str) -> str:
    """How a schedule's newest run stands."""
    if run is None:
        return "-"
    when = (
        f" since {show_moment(run.started or run.asked, zone)}"
        if run.going_on
        else f" {show_moment(run.ended, zone)}"
    )
    why = f": {run.why}" if run.why else f", {run.pages} pages, {run.new} new, {run.changed} changed"
    return f"run {run.id} {run.state}{when}{'' if run.going_on else why}"


def run_row(run: Run, zone: str) -> tuple[object, ...]:
    """For the history, by RUN_HEADS."""
    times = show_moment(run.started, zone), show_moment(run.ended, zone)
    return run.id, run.site, *times, run.state, run.pages, run.new, run.changed, run.bytes, run.refused, run.why


def schedule_fields(schedule: Schedule, last: Run | None) -> dict[str, object]:
    """For JSON: times in UTC, spans in seconds."""
    bounds = schedule.bounds
    return {
        "site": schedule.site,
        "rhythm": str(schedule.rhythm),
        "zone": schedule.zone,
        "adaptive": [bounds.least.total_seconds(), bounds.most.total_seconds()] if bounds else None,
        "jitter": schedule.jitter.total_seconds(),
        "next": None if schedule.paused is not None else _iso(schedule.next),
        "paused": schedule.paused,
        "failures": schedule.failures,
        "profile": schedule.job.profile,
        "collection": str(schedule.job.collection),
        "editions": list(schedule.job.editions),
        "max_pages": schedule.job.max_pages,
        "last": run_fields(last) if last else None,
    }


def run_fields(run: Run) -> dict[str, object]:
    """For JSON: times in UTC."""
    fields = asdict(run) | {"crawls": list(run.crawls), "seconds": run.seconds}
    return {name: _iso(value) if isinstance(value, datetime) else value for name, value in fields.items()}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
