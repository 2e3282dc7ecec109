"""A schedule as it is asked for: refused, in words, where its crawls could not begin."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler import seeds
from crawler.collection.folder import Collection
from crawler.errors import CallError, CollectionError, ProfileError
from crawler.schedule.lanes import hosts_of
from crawler.schedule.plan import jitter_of
from crawler.schedule.policy import within
from crawler.schedule.rhythm import Cron, Every, Rhythm
from crawler.schedule.schedule import Bounds, Job, Schedule
from crawler.sites.profile import FOLDER, Profile, find, load

LEAST_SPAN = timedelta(seconds=1)

MOST_JITTER = timedelta(minutes=5)
"""Unless another is asked for."""


def asked_for(options: argparse.Namespace, now: datetime) -> Schedule:
    """The schedule that a command line asks for.

    Raises:
        CallError, ProfileError, SeedsError: it could not be run.
    """
    profile = find(options.site)
    rhythm, bounds = _rhythm(options)
    due = rhythm.first(now)
    interval = rhythm.following(due, due) - due
    jitter = min(interval / 20, MOST_JITTER) if options.jitter is None else options.jitter
    if jitter >= interval:
        raise CallError(f"--jitter: must be shorter than the interval, {interval}")
    job = _job(options, profile)
    schedule = Schedule(profile.name, job, rhythm, options.zone, jitter, due, due, bounds)
    return schedule if due == now else replace(schedule, next=due + jitter_of(schedule, due))


def _rhythm(options: argparse.Namespace) -> tuple[Rhythm, Bounds | None]:
    zone = _zone(options.zone)
    if options.cron is not None:
        if options.adaptive:
            raise CallError("--adaptive: only with --every")
        try:
            return Cron(options.cron, zone), None
        except ValueError as error:
            raise CallError(f"--cron: {error}") from error
    bounds = Bounds(*options.adaptive) if options.adaptive else None
    if bounds is not None and not LEAST_SPAN <= bounds.least <= bounds.most:
        raise CallError("--adaptive: the first bound must be at least 1s, and no longer than the second")
    if options.every < LEAST_SPAN:
        raise CallError("--every: must be at least 1s")
    return Every(within(bounds, options.every) if bounds else options.every), bounds


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CallError(f"--zone {name}: no time zone is known by this name; one is Europe/Berlin") from error
    return name


def _job(options: argparse.Namespace, profile: Profile) -> Job:
    profile.start_urls_for(options.edition or profile.editions)
    seeds.of(profile)
    collection = (options.collection or options.collections / profile.name).resolve()
    _check_own(Collection(collection), profile)
    _check_writable(Collection(collection))
    path = profile.path.absolute()
    return Job(
        profile=profile.name if path.parent == FOLDER else str(path),
        folder=Path.cwd(),
        collection=collection,
        hosts=hosts_of(profile),
        editions=tuple(options.edition),
        max_pages=options.max_pages,
    )


def _check_own(collection: Collection, profile: Profile) -> None:
    """Another site's documents would be counted as this one's."""
    try:
        other = load(collection.site).name
    except ProfileError:  # none yet, or one that the next crawl replaces
        return
    if other != profile.name:
        raise CallError(f"{collection.folder}: is the collection of {other}; choose another folder with --collection")


def _check_writable(collection: Collection) -> None:
    try:
        collection.make()
    except CollectionError as error:
        raise CallError(str(error)) from error
    parts = (collection.folder, collection.archive, collection.index.parent, collection.corpus, collection.crawls)
    files = (path for path in (collection.index, collection.state) if path.exists())
    for path in (*parts, *files):
        if not os.access(path, os.W_OK):
            raise CallError(f"{path}: cannot be written; choose another folder with --collection")
