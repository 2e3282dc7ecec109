"""``editions sites``: what is known of sites, and the labels that the pages of one show."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import seeds
from crawler.collection.folder import Collection
from crawler.commands.parser import OK, add_command
from crawler.crawls.show import show_table
from crawler.errors import CallError
from crawler.labels.corpus import corpus_labels
from crawler.labels.label import KINDS, Label
from crawler.sites.profile import Profile, find, known

if TYPE_CHECKING:
    from crawler.commands.parser import Commands

Labels = Mapping[str, tuple[Label, ...]]


def add(commands: Commands) -> None:
    """Add the command."""
    command = add_command(commands, "sites", sites)
    command.add_argument("site", metavar="SITE", nargs="?", help="only this one: a known site's name, or a profile")
    command.add_argument(
        "--labels", action="store_true", help="show SITE's credits, bylines, headings and notices, by edition"
    )
    command.add_argument("--toml", action="store_true", help="with --labels: as lines for its profile")
    command.add_argument(
        "--collection", metavar="DIR", type=Path, help="with --labels: whose pages (default: collections/NAME)"
    )


def sites(options: argparse.Namespace) -> int:
    """Print them."""
    _check(options)
    if options.labels:
        return _labels(options, find(options.site))
    profiles = [find(options.site)] if options.site else known()
    if options.json:
        print(json.dumps([_fields(profile) for profile in profiles], ensure_ascii=False, indent=1))
    elif not options.quiet:
        rows = [(one.name, " ".join(one.editions), len(seeds.of(one)), one.article_url) for one in profiles]
        show_table("Known sites", ("site", "editions", "seeds", "articles"), rows)
    return OK


def _check(options: argparse.Namespace) -> None:
    if options.labels and not options.site:
        raise CallError("--labels: of which site? `editions sites NAME --labels`")
    if not options.labels and (options.toml or options.collection):
        raise CallError(f"--{'toml' if options.toml else 'collection'}: only with --labels")


def _labels(options: argparse.Namespace, profile: Profile) -> int:
    collection = Collection.existing(options.collection or Path("collections", profile.name))
    labels = corpus_labels(collection.corpus, profile.labels)
    if options.json:
        told = {edition: [asdict(label) for label in of_edition] for edition, of_edition in labels.items()}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    elif options.toml:
        print("\n".join(_toml(labels)))
    elif not options.quiet:
        show_table(f"Labels of {profile.name}", ("edition", "kind", "label", "pages", "confidence"), _rows(labels))
    return OK


def _rows(labels: Labels) -> list[tuple[str, ...]]:
    return [
        (edition, one.kind, one.text, f"{one.pages} of {one.of}", "named" if one.named else f"{one.confidence:.2f}")
        for edition, of_edition in labels.items()
        for one in of_edition
    ]


def _toml(labels: Labels) -> Iterator[str]:
    """As ``[labels.EDITION]`` of a profile; JSON's strings are TOML's too."""
    for edition, of_edition in labels.items():
        yield f"[labels.{edition}]"
        for kind in KINDS:
            if texts := [one.text for one in of_edition if one.kind == kind]:
                yield f"{kind} = {json.dumps(texts, ensure_ascii=False)}"
        yield ""


def _fields(profile: Profile) -> dict[str, object]:
    return {
        "name": profile.name,
        "domains": list(profile.domains),
        "article_url": profile.article_url,
        "editions": dict(profile.editions),
        "seeds": [seed.url for seed in seeds.of(profile)],
    }
