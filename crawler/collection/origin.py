"""Whose a collection is: the profile and the seeds that its archive is read with."""

from __future__ import annotations

import json
import re
from contextlib import closing

from archive.errors import ArchiveError
from archive.reader import read_record, warc_files
from archive.spool import CHUNK
from crawler import seeds
from crawler.collection.folder import Collection
from crawler.errors import CollectionError, ProfileError
from crawler.files import replace_file
from crawler.seeds import Seed
from crawler.sites.profile import Profile, find, load

_PART_OF = re.compile(rb"(?im)^isPartOf:[ \t]*(.+?)[ \t]*\r?$")


def remember(collection: Collection, profile: Profile) -> None:
    """Keep profile and seeds beside the archive, so that the corpus can be made again without either's own file."""
    replace_file(collection.site, [profile.path.read_text("utf-8")])
    listed = seeds.find(profile)
    if listed is not None:
        replace_file(collection.seeds, [listed.read_text("utf-8")])
    else:
        collection.seeds.unlink(missing_ok=True)


def site_of(collection: Collection, site: str | None = None) -> tuple[Profile, tuple[Seed, ...]]:
    """The profile and seeds of a collection.

    Those of *site* (a name or the path of a profile), if given; else those that its newest crawl left beside the
    archive; else those of the known site that its archive or its newest crawl names.

    Raises:
        CollectionError: the collection does not say whose it is, or names a site that is not known.
        ProfileError, SeedsError: profile or seeds cannot be used.
    """
    if site is None and collection.site.is_file():
        profile = load(collection.site)
        return profile, seeds.load(collection.seeds, profile) if collection.seeds.is_file() else ()
    profile = find(site) if site is not None else _named(collection)
    return profile, seeds.of(profile)


def _named(collection: Collection) -> Profile:
    name = _part_of(collection) or _crawled(collection)
    if not name:
        raise CollectionError(f"{collection.folder}: does not say which site it is of; name it with --site")
    try:
        return find(name)
    except ProfileError as error:
        raise CollectionError(f"{collection.folder}: is of {name}; {error}; give its profile with --site") from error


def _part_of(collection: Collection) -> str:
    """The site that the first file's warcinfo names (``isPartOf``)."""
    for path in warc_files(collection.archive)[:1]:
        try:
            with closing(read_record(collection.archive, path.name, 0)) as first:
                block = first.block if isinstance(first.block, bytes) else first.block.read(0, CHUNK)
        except ArchiveError:
            return ""  # an ARC file, or none at all: it names nothing
        match = _PART_OF.search(block)
        return match[1].decode("utf-8", "replace") if match else ""
    return ""


def _crawled(collection: Collection) -> str:
    """The site that the report of the newest crawl names."""
    for path in sorted(collection.crawls.glob("*.json"), reverse=True):
        try:
            return str(json.loads(path.read_text("utf-8"))["site"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return ""
