"""Collections written straight to disk, of any size: for exports, what lies in the archive does not matter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from crawler.items import Alternate, Author, Block, Card, Dated, Document, Extractor, Languages, Page, Picture, Record
from crawler.page.item import item_line
from crawler.urls import document_id

EXTRACTOR = Extractor("resiliparse", "2.0.1", {"alt_texts": True, "skip": [".advert"]})

EDITIONS = {"am": "am", "ar": "ar", "en": "en", "no": "nb-NO", "sw": "sw"}
"""``no`` is a truth value in YAML, and its language has more than one part."""

TITLES = {
    "am": "የፔልዎርዝ ወደብ",
    "ar": "ميناء بيلورث يعيد فتح رصيفه (AI)",
    "en": 'A "quoted" title\twith a tab',
    "no": "Dypkaia åpner igjen",
    "sw": "Bandari ya Pellworth",
}


def url(edition: str, slug: str) -> str:
    return f"https://example.org/{edition}/articles/{slug}"


def page(edition: str, slug: str, *, lead: str = "", paragraphs: Iterable[str] = (), filler: int = 0) -> Page:
    """A page with something in every field."""
    title, where = f"{TITLES[edition]} {slug}", url(edition, slug)
    blocks = tuple(Block("paragraph", text) for text in paragraphs or [f"{title}: 640,000.", "Second."])
    picture = Picture("https://example.org/a.jpg", "Alt", "Caption", "AI")
    return Page(
        url=f"{where}?captured",
        canonical=where,
        edition=edition,
        slug=slug,
        title=title,
        published=Dated("2026-03-16T07:45:00+03:00", "16 March", "json-ld"),
        modified=Dated("2026-03-17", "17 March", "meta"),
        alternates=tuple(Alternate(EDITIONS[code], url(code, slug)) for code in EDITIONS),
        text="\n\n".join([title, lead or "A lead.", *(block.text for block in blocks), "x" * filler]).strip(),
        lead=lead or "A lead.",
        blocks=blocks,
        byline="Reported by AI",
        authors=(Author("A. Writer", "By A. Writer"),),
        pictures=(picture,),
        cards=(Card(url(edition, "other"), "Other", "Summary", "By B", picture),),
        tags=("sea", "cities"),
        language=EDITIONS[edition],
        cookie_notice=("Cookies", "Decline"),
    )


def document(number: int, page: Page) -> Document:
    """The page's line of the manifest."""
    identifier = document_id(page.canonical)
    spoken = EDITIONS[page.edition or ""].partition("-")[0]
    digest = hashlib.sha256(page.text.encode()).hexdigest()
    return Document(
        file=f"{number:03d}_{identifier}.txt",
        id=identifier,
        url=page.canonical,
        edition=page.edition or "",
        slug=page.slug or "",
        title=page.title,
        sha256=digest,
        chars=len(page.text),
        captured=f"2026-03-02T08:{number // 60 % 60:02d}:{number % 60:02d}.000125Z",
        languages=Languages(spoken, (spoken,) * len(page.blocks), (1.0,) * len(page.blocks)),
        translated=True,
        alternates=page.alternates,
        cluster=None,
        warc=Record("a.warc.gz", 1000 * number, 999, f"urn:uuid:{number:032x}", f"sha256:{digest}"),
        extractor=EXTRACTOR,
    )


def collection(folder: Path, pages: Iterable[Page]) -> Path:
    """A collection whose corpus holds *pages*, in *folder*."""
    (folder / "archive").mkdir(parents=True)
    (folder / "corpus").mkdir()
    languages = "\n".join(f'{code} = "{tag}"' for code, tag in EDITIONS.items())
    profile = 'name = "example"\ndomains = ["example.org"]\n'
    profile += 'article_url = "https://example.org/{edition}/articles/{slug}"\n'
    profile += 'start_urls = ["https://example.org/{edition}"]\n'
    (folder / "site.toml").write_text(f"{profile}\n[editions]\n{languages}\n", "utf-8")
    with (folder / "corpus/manifest.jsonl").open("w") as manifest, (folder / "corpus/items.jsonl").open("w") as items:
        for number, one in enumerate(pages):
            line = document(number, one)
            manifest.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
            items.write(item_line(one) + "\n")
            (folder / "corpus" / line.file).write_text(one.text, "utf-8")
    return folder


def everything(stories: int = 3) -> list[Page]:
    """Some stories, each in every edition."""
    return [page(edition, f"story-{number}") for number in range(stories) for edition in EDITIONS]
