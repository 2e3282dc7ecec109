"""Schedules handed over to other schedulers: each calls the same command, which may be called at any time.

``editions crawl`` goes on with what was cut off, and exits where another process holds the collection.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from crawler.errors import CallError
from crawler.schedule.cronfields import CronFields
from crawler.schedule.jobs import arguments_of
from crawler.schedule.rhythm import Cron
from crawler.schedule.schedule import Schedule
from crawler.schedule.span import show_span

Files = dict[str, str]
"""Names and texts."""

_LONGEST = 43
"""Characters of a name: a CronJob's may have 52, ``editions-`` included."""

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

_SERVICE = """[Unit]
Description=editions: crawl of {site}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={command}
KillMode=mixed
TimeoutStopSec=60
"""

_TIMER = """[Unit]
Description=editions: {site}, {rhythm}

[Timer]
{calendars}
Persistent=true
RandomizedDelaySec={jitter}

[Install]
WantedBy=timers.target
"""

_CRONJOB = """---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: editions
spec:
  schedule: {schedule}
  timeZone: {zone}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: {deadline}
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 3
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: crawl
              image: {image}
              command: ["editions"]
              args: {arguments}
              volumeMounts:
                - name: collections
                  mountPath: /collections
          volumes:
            - name: collections
              persistentVolumeClaim:
                claimName: {claim}
"""


def systemd(schedules: Sequence[Schedule], options: argparse.Namespace) -> Files:
    """A service and a timer for each."""
    files = {}
    for one in schedules:
        command = " ".join(map(_systemd_word, _command(one)))
        files[f"editions-{_name(one)}.service"] = _SERVICE.format(
            site=one.site, folder=_systemd_path(one.job.folder), command=command
        )
        files[f"editions-{_name(one)}.timer"] = _TIMER.format(
            site=one.site,
            rhythm=_systemd_path(one.rhythm),
            calendars="\n".join(f"OnCalendar={line}" for line in _fields(one).calendars(one.zone)),
            jitter=f"{one.jitter.total_seconds():g}s",
        )
    return files


def cron(schedules: Sequence[Schedule], options: argparse.Namespace) -> Files:
    """One crontab. Cron catches up nothing that it missed, and Debian's knows no time zones but the machine's."""
    lines = ["# crontab of editions; CRON_TZ is for cronie: Debian's cron goes by the machine's time zone"]
    for one in schedules:
        command = f"cd {shlex.quote(str(one.job.folder))} && exec {shlex.join(_command(one))}".replace("%", r"\%")
        lines += [f"CRON_TZ={one.zone}", f"{_written(one)} {command}"]
    return {"editions.crontab": "\n".join(lines) + "\n"}


def kubernetes(schedules: Sequence[Schedule], options: argparse.Namespace) -> Files:
    """A CronJob for each; profiles that are files must lie in the image where they lie here."""
    files = {}
    for one in schedules:
        arguments = [*arguments_of(one.job)]
        arguments[2] = f"/collections/{one.site}"
        arguments = [argument.replace("$(", "$$(") for argument in arguments]  # else a variable's name
        files[f"editions-{_name(one)}.yaml"] = _CRONJOB.format(
            name=json.dumps(f"editions-{_name(one)}"),
            schedule=json.dumps(_kubernetes_expression(one)),
            zone=json.dumps("Etc/UTC" if one.zone == "UTC" else one.zone),
            deadline=max(60, int(_interval(one).total_seconds())),
            image=json.dumps(options.image),
            arguments=json.dumps(["crawl", *arguments, "--quiet"]),
            claim=json.dumps(options.claim),
        )
    return files


FORMATS: Mapping[str, Callable[[Sequence[Schedule], argparse.Namespace], Files]] = {
    "systemd": systemd,
    "cron": cron,
    "kubernetes": kubernetes,
}


def check_lines(schedules: Sequence[Schedule]) -> None:
    """All formats are lines.

    Raises:
        CallError: a schedule has a path with a line break.
    """
    for one in schedules:
        for path in (str(one.job.folder), one.job.profile, str(one.job.collection)):
            if len(path.splitlines()) > 1 or path != path.rstrip("\r\n"):
                raise CallError(f"{one.site}: {path!r} has a line break, which no other scheduler takes")


def shown(files: Files) -> str:
    """The files as one text."""
    return "\n".join(f"# {name}\n{text}" for name, text in files.items())


def write_out(files: Files, folder: Path) -> list[str]:
    """Write the files into a folder; returns their paths.

    Raises:
        CallError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise CallError(f"--out {folder}: cannot be written ({error.strerror})") from error
    return [str(folder / name) for name in files]


def _fields(schedule: Schedule) -> CronFields:
    try:
        return CronFields.parse(_expression(schedule))
    except ValueError as error:
        raise CallError(f"{schedule.site}: {error}") from error


def _written(schedule: Schedule) -> str:
    """The expression as all crons take it: days of the week as numbers from 0, Sunday, to 6."""
    parsed = _fields(schedule)
    minute, hour, day, month, weekday = _expression(schedule).split()
    day = day if parsed.days else "*"
    weekday = weekday if weekday.startswith("*") else ",".join(map(str, parsed.weekdays)) or "*"
    return " ".join([minute, hour, day, month, weekday])


def _kubernetes_expression(schedule: Schedule) -> str:
    """Refused where day and weekday must both be right: of a field such as ``*/2`` Kubernetes makes a choice."""
    fields = _fields(schedule)
    if fields.both and fields.days and fields.weekdays:
        raise CallError(
            f"{schedule.site}: {_expression(schedule)!r} means days on which day and weekday are both right; "
            "Kubernetes takes either. Remove the schedule and add it with another --cron"
        )
    return _written(schedule)


def _expression(schedule: Schedule) -> str:
    """A cron expression for its rhythm; a span's minute is its own, so that not all sites start on the hour."""
    if isinstance(schedule.rhythm, Cron):
        return schedule.rhythm.expression
    span, minute = schedule.rhythm.span, int.from_bytes(hashlib.blake2b(schedule.site.encode()).digest()) % 60
    if span < HOUR and HOUR % span == timedelta(0) and span % MINUTE == timedelta(0):
        return f"*/{span // MINUTE} * * * *"
    if span < DAY and DAY % span == timedelta(0) and span % HOUR == timedelta(0):
        return f"{minute} */{span // HOUR} * * *"
    if span in (DAY, 7 * DAY):
        return f"{minute} 0 * * {'*' if span == DAY else '0'}"
    raise CallError(
        f"{schedule.site}: every {show_span(span)} is no cron expression: it must divide an hour or a day, or be 1d "
        "or 7d; remove the schedule and add it with --cron"
    )


def _interval(schedule: Schedule) -> timedelta:
    return schedule.rhythm.following(schedule.due, schedule.due) - schedule.due


def _command(schedule: Schedule) -> list[str]:
    script = Path(sys.executable).with_name("editions")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "crawler"]
    return [*command, "crawl", *arguments_of(schedule.job), "--quiet"]


def _name(schedule: Schedule) -> str:
    """What may stand in a unit's or a CronJob's name: at most 43 letters, digits and hyphens.

    Where that is not the site's name it ends in a digest of it: names that differ only in a dot stay two.
    """
    site = schedule.site
    name = re.sub(r"[^a-z0-9]+", "-", site.lower()).strip("-")
    if name == site and len(name) <= _LONGEST:
        return name
    digest = hashlib.blake2b(site.encode(), digest_size=4).hexdigest()
    return f"{name[: _LONGEST - len(digest) - 1].strip('-') or 'site'}-{digest}"


def _systemd_path(value: object) -> str:
    return str(value).replace("%", "%%")


def _systemd_word(word: str) -> str:
    """A word of a command line, by systemd.service(5)."""
    word = word.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[\w@%+=:,./$-]+", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
