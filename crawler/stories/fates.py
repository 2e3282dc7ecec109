"""What became of the URLs that pages name: which document each leads to, or why to none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from crawler.errors import CorpusError
from crawler.sites.profile import Profile
from crawler.stories.version import Version
from crawler.text.corpus import DROPPED
from crawler.urls import normalise

_HOPS = 8


class Fates:
    """The URLs of the corpus in *folder*, of which *versions* are the documents.

    Raises:
        CorpusError: the list of what was dropped cannot be read. It may be absent.
    """

    def __init__(self, folder: Path, versions: Sequence[Version], profile: Profile | None = None) -> None:
        self._documents = {version.url: at for at, version in enumerate(versions)}
        self._dropped = _dropped(folder / DROPPED)
        self._profile = profile

    def document(self, url: str) -> int | None:
        """The place of the document that a URL leads to, through redirects and duplicates; None where to none."""
        address: str | None = self._address(url)
        for _ in range(_HOPS):
            if address is None or address in self._documents:
                break
            address = self._dropped.get(address, ("", None))[1]
        return self._documents.get(address or "")

    def why_not(self, url: str) -> str:
        """Why a URL is no document, as ``dropped.jsonl`` has it; empty where it was not captured."""
        return self._dropped.get(self._address(url), ("", None))[0]

    def _address(self, url: str) -> str:
        """The URL in the spelling of the manifest: with its edition where it leaves out that of the default."""
        try:
            address = normalise(url)
        except ValueError:
            return url
        if address in self._documents or address in self._dropped or self._profile is None:
            return address
        article = self._profile.article(address)
        return self._profile.article_url_for(article.edition, article.slug) if article else address


def _dropped(path: Path) -> Mapping[str, tuple[str, str | None]]:
    """Reason and the URL that each stands for, by URL."""
    if not path.is_file():
        return {}
    found = {}
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                drop = json.loads(line.decode())
                found[drop["url"]] = (drop["reason"], drop["of"])
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise CorpusError(f"{path}: line {number}: says of no URL why it was dropped ({error!r})") from error
    return found
