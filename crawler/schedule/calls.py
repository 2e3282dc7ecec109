"""The commands under ``editions schedule``, with the packages of their extra at hand."""

from __future__ import annotations

import argparse
import json
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from crawler.collection.folder import Collection
from crawler.commands.parser import FAILED, OK, refuse
from crawler.crawls.show import show_table
from crawler.errors import CallError, ScheduleError
from crawler.schedule.adding import asked_for
from crawler.schedule.database import Database
from crawler.schedule.export import FORMATS, check_lines, shown, write_out
from crawler.schedule.policy import Policy
from crawler.schedule.schedule import Run, Schedule
from crawler.schedule.store import Store
from crawler.schedule.wording import (
    RUN_HEADS,
    SCHEDULE_HEADS,
    rhythm_of,
    run_fields,
    run_row,
    schedule_fields,
    schedule_row,
    show_moment,
)


def call_add(options: argparse.Namespace) -> int:
    """Add a schedule; all that could keep its crawls from starting is found now."""
    schedule = asked_for(options, datetime.now(UTC))
    with _store(options, write=True) as store:
        store.add(schedule)
    _say(options, schedule_fields(schedule, None), f"{schedule.site}: {rhythm_of(schedule)}, {_next(schedule)}")
    return OK


def call_remove(options: argparse.Namespace) -> int:
    """Remove one."""
    with _store(options) as store:
        _known(store, options.site)
        store.remove(options.site)
    _say(options, {"removed": options.site}, f"{options.site}: no longer scheduled; history and collection stay")
    return OK


def call_pause(options: argparse.Namespace) -> int:
    """Pause one."""
    with _store(options) as store:
        _known(store, options.site)
        schedule = store.rework(options.site, lambda one: replace(one, paused=options.why))
        last = store.last_run(options.site)
    goes_on = f"; run {last.id} goes on" if last is not None and last.going_on else ""
    _say(options, _fields(schedule, last), f"{options.site}: paused ({options.why}){goes_on}")
    return OK


def call_resume(options: argparse.Namespace) -> int:
    """Resume one; what it missed meanwhile is caught up once."""
    with _store(options) as store:
        _known(store, options.site)
        schedule = store.rework(options.site, lambda one: replace(one, paused=None, failures=0))
        last = store.last_run(options.site)
    _say(options, _fields(schedule, last), f"{options.site}: {_next(schedule) if schedule else 'gone'}")
    return OK


def call_now(options: argparse.Namespace) -> int:
    """Ask for a run; 1 where one goes on."""
    with _store(options) as store:
        number, begun = store.ask(_known(store, options.site), datetime.now(UTC))
        run = store.run(number)
    if not begun:
        words = f"{options.site}: run {number} goes on; a second is refused (editions schedule show {number})"
        return refuse(ScheduleError(words), FAILED)
    alive = "" if _database(options).has_daemon() else "; no daemon runs: it begins with editions schedule run"
    _say(options, run_fields(run) if run else {}, f"{options.site}: run {number} is asked for{alive}")
    return OK


def call_list(options: argparse.Namespace) -> int:
    """List the schedules."""
    with _reading(options) as store:
        schedules = [(one, store.last_run(one.site)) for one in store.schedules()]
    if options.json:
        print(json.dumps([schedule_fields(*one) for one in schedules], ensure_ascii=False, indent=1))
    elif not options.quiet:
        if schedules:
            show_table("Schedules", SCHEDULE_HEADS, [schedule_row(*one) for one in schedules])
        if not schedules:
            print("nothing is scheduled; begin with editions schedule add")
        elif not _database(options).has_daemon():
            print("no daemon runs them: editions schedule run")
    return OK


def call_history(options: argparse.Namespace) -> int:
    """List runs, newest first; 1 for a site that has none and no schedule."""
    with _reading(options) as store:
        runs, zones = store.runs(options.site, options.last), _zones(store)
    if options.site and not runs and options.site not in zones:
        return refuse(ScheduleError(f"{options.site}: has no schedule and no history"), FAILED)
    if options.json:
        print(json.dumps([run_fields(run) for run in runs], ensure_ascii=False, indent=1))
    elif not options.quiet:
        show_table("Runs", RUN_HEADS, [run_row(run, zones.get(run.site, "UTC")) for run in runs])
    return OK


def call_show(options: argparse.Namespace) -> int:
    """Show a run and the end of its logs; 1 where there is no such run."""
    with _reading(options) as store:
        run, zones = store.run(options.run), _zones(store)
    if run is None:
        return refuse(ScheduleError(f"there is no run {options.run}; editions schedule history lists them"), FAILED)
    logs = {name: _tail(Path(run.collection), name, options.lines) for name in run.crawls}
    if options.json:
        print(json.dumps(run_fields(run) | {"log": logs}, ensure_ascii=False, indent=1))
    elif not options.quiet:
        _show(run, zones.get(run.site, "UTC"), logs)
    return OK


def call_run(options: argparse.Namespace) -> NoReturn:
    """Run the schedules until a signal; does not return: the process ends."""
    from crawler.schedule.daemon import Daemon, Telling, leave
    from crawler.schedule.metrics import serve_metrics

    telling = Telling(options.quiet, options.json)

    def watching(store: Store) -> None:
        if options.metrics_port is not None:
            port = serve_metrics(store, options.metrics_port)
            telling.plain(f"metrics at http://127.0.0.1:{port}/metrics")

    try:
        Daemon(_database(options), _policy(options), telling, options.health).run(watching)
    except ScheduleError as error:
        leave(refuse(error, FAILED))
    leave(OK)


def call_export(options: argparse.Namespace) -> int:
    """Print or write what another scheduler needs."""
    with _reading(options) as store:
        schedules = store.schedules()
    if not schedules:
        raise CallError("nothing is scheduled; begin with editions schedule add")
    check_lines(schedules)
    files = FORMATS[options.to](schedules, options)
    if options.out is not None:
        names = write_out(files, options.out)
        _say(options, names, "\n".join(names))
    elif options.json:
        print(json.dumps(files, ensure_ascii=False, indent=1))
    else:
        print(shown(files), end="")
    return OK


def _database(options: argparse.Namespace) -> Database:
    return Database.named(options.database, options.collections)


@contextmanager
def _store(options: argparse.Namespace, *, write: bool = False) -> Iterator[Store]:
    """The schedules; a folder that cannot be written is a wrong call where it is first named."""
    try:
        store = Store(_database(options))
    except ScheduleError as error:
        raise CallError(str(error)) if write else error from error
    try:
        yield store
    finally:
        store.close()


def _reading(options: argparse.Namespace) -> AbstractContextManager[Store]:
    """The schedules, to be read: nothing is written, and none are there where there is no database."""
    return closing(Store(_database(options), write=False))


def _known(store: Store, site: str) -> Schedule:
    schedule = store.find(site)
    if schedule is None:
        names = ", ".join(one.site for one in store.schedules()) or "nothing"
        raise CallError(f"{site}: is not scheduled; scheduled are: {names}")
    return schedule


def _policy(options: argparse.Namespace) -> Policy:
    if options.crawls == 0:
        raise CallError("--crawls 0: at least one must be allowed")
    if options.metrics is not None:
        try:
            options.metrics.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CallError(f"--metrics {options.metrics}: cannot be made ({error.strerror})") from error
    return Policy(
        crawls=options.crawls,
        retries=options.retries,
        backoff=options.backoff,
        backoff_cap=options.backoff_cap,
        pause_after=options.pause_after,
        grace=options.grace,
        webhook=options.webhook,
        metrics=None if options.metrics is None else str(options.metrics.absolute()),
    )


def _zones(store: Store) -> dict[str, str]:
    return {one.site: one.zone for one in store.schedules()}


def _next(schedule: Schedule) -> str:
    return f"next run {show_moment(schedule.next, schedule.zone)}"


def _fields(schedule: Schedule | None, last: Run | None) -> dict[str, object]:
    return schedule_fields(schedule, last) if schedule else {}


def _say(options: argparse.Namespace, fields: dict[str, object] | list[str], words: str) -> None:
    if options.json:
        print(json.dumps(fields, ensure_ascii=False, indent=1))
    elif not options.quiet:
        print(words)


def _show(run: Run, zone: str, logs: dict[str, list[str]]) -> None:
    for head, value in zip(RUN_HEADS, run_row(run, zone), strict=True):
        print(f"{head:8} {value}")
    print(f"{'cause':8} {run.cause}\n{'attempts':8} {run.attempts}\n{'cuts':8} {run.cuts}")
    for name, lines in logs.items():
        print(f"\n{Collection(Path(run.collection)).crawls / name}.log")
        print("\n".join(lines))


def _tail(collection: Path, name: str, most: int) -> list[str]:
    """The last lines of a crawl's log; none where it has none yet."""
    try:
        with (Collection(collection).crawls / f"{name}.log").open(encoding="utf-8", errors="replace") as log:
            return [line.rstrip("\n") for line in deque(log, most)]
    except OSError:
        return []
