"""What the window shows at each path."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crawler.collection.folder import Collection
from crawler.regeneration.records import Records
from crawler.text.corpus import MANIFEST
from crawler.text.manifest import read_manifest
from crawler.window import lists
from crawler.window.captures import CAPTURES, Answer, Captures, capture_at, led, told

_LIST = "/captures/"


class Window:
    """A collection's archive and corpus. Not for several threads at once.

    Raises CorpusError: the manifest cannot be read.
    """

    def __init__(self, collection: Collection, records: Records) -> None:
        self._name = collection.folder.resolve().name
        self._corpus: Path = collection.corpus
        has_corpus = (collection.corpus / MANIFEST).is_file()
        self._documents = tuple(read_manifest(collection.corpus)) if has_corpus else ()
        self._files = {one.file: one for one in self._documents}
        self._captures = Captures(records)

    def close(self) -> None:
        """Let go of the index."""
        self._captures.close()

    def answer(self, target: str, referer: str = "") -> Answer:
        """The answer to a request for a path with its query; *referer* is the page that asks, where it is told."""
        if target.startswith(CAPTURES):
            return capture_at(self._captures, target)
        if target.startswith(_LIST):
            url = target.removeprefix(_LIST)
            return Answer(lists.captures(url, self._captures.of(url)))
        if target == "/":
            return Answer(lists.overview(self._name, self._documents))
        folder, _, name = target.removeprefix("/").partition("/")
        if folder == "editions":
            return Answer(lists.edition(self._name, unquote(name), self._documents))
        if folder == "corpus" and name in self._files:
            return self._document(name)
        return _astray(target, referer)

    def _document(self, name: str) -> Answer:
        try:
            text = (self._corpus / name).read_bytes().decode("utf-8", "replace")
        except OSError as error:
            return told(HTTPStatus.NOT_FOUND, f"{self._corpus / name}: cannot be read ({error.strerror})")
        return Answer(lists.document(self._files[name], text, self._documents))


def _astray(target: str, referer: str) -> Answer:
    """A captured page asked for a path of its own site: it is led there."""
    came = urlsplit(referer).path
    stamp, _, page = came.removeprefix(CAPTURES).partition("/")
    if not came.startswith(CAPTURES) or not page:
        return told(HTTPStatus.NOT_FOUND, f"{target}: is not shown here; / lists what is")
    parts = urlsplit(page)
    where = led(f"{parts.scheme}://{parts.netloc}{target}", stamp)
    return Answer(b"", status=HTTPStatus.FOUND, headers=(("Location", where),))
