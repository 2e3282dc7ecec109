"""What a page says of a picture: its caption, and whose it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.page.marks import any_of, marks_of
from crawler.page.outline import Element
from crawler.page.texts import text_of, tidy

_CREDIT = any_of(
    "credits?", "copyright", "source", "photographers?", "photo-?by", "agency", "rights", "attribution", "owner",
    "author", "byline", "provider", "creator", "distributor", "(?:photo|image|img|media|foto)-?(?:credit|source)",
    "caption-?(?:credit|source)", r"fotograf\w*", "quelle", "bildquelle", "urheber", r"autor\w*", "credito", "firma",
    "kilde", "lizenz", "licen[sc]e",
)  # fmt: skip
_LABEL = re.compile(
    r"(?:©|\(c\)|(?:images?|photos?|photograph\w*|pictures?|imagens?|imágenes|bild(?:er|quelle|rechte|nachweis)?|quelle"
    r"|fot[oóò]\w*|source|credits?|crédits?|créditos?|copyright|fot\.|zdjęcie|kilde|kuva|mynd|beeld|picha|ảnh|resim|görsel"
    r"|фото|снимка|φωτο\w*|צילום|تصوير|صورة|写真|图片?|圖片?|사진|ፎቶ)"
    r"(?: credit| source| by)?\s*[:：])",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:(?:photo\w*|pictures?|images?|illustrations?|fotos?|imagens?)\s+(?:by|de|von|par)|copyright)\s+",
    re.IGNORECASE,
)
"""How a credit can begin that has no colon: within a caption such words are prose."""
_NAMED_BY = re.compile(
    r"(?:^|(?<=[.!?/|–—-])\s+)(?i:photo\w*|pictures?|images?|illustrations?|fotos?)\s+(?i:by|von|par)\s+(?![a-z])[^.!?]+$"
)
"""The same where what follows is a name, alone or behind what ends a caption."""
_TAKEN = re.compile(r"\s*(?:撮影|摄|攝)$")
_OPENED = re.compile(r"[(\[（]\s*([^()\[\]（）]*?)\s*[)\]）]\s*\.?$")
_TAIL = re.compile(r"[.!?…。][”»\"]?\s+([^\W\d][^.!?…。\d]{1,24})$")
"""A few words behind the last sentence of a caption."""
_EQUALS = re.compile(r"＝(\w{2,12})$")
_LISTED = re.compile(r"＝[^＝。]*、([^＝、。]{1,20}(?:撮影|提供))$")
"""Who took it, behind when and where."""
_AGENCY = re.compile(
    r"\b(?:photos?|images?|fotos?|bild|AP|AFP|dpa|EPA|EFE|ANSA|NTB|TT|APA|PA|Reuters|Getty|IMAGO|Alamy|Shutterstock"
    r"|Kyodo|Xinhua|TASS|Yonhap|Unsplash|Associated Press|Bloomberg|Scanpix|Lehtikuva|Keystone|Belga|Anadolu|Antara"
    r"|SIPA|dok|doc|handout|courtesy|screenshots?)\b|撮影|摄|攝",
    re.IGNORECASE,
)
_KIND = re.compile(r"(?:archiv|symbol)\w*|file(?: photo)?|archives?|illustration", re.IGNORECASE)
"""What stands in brackets at the end of a caption and names no one."""
_WRITER = any_of("by-?lines?")
_BUTTON = any_of("buttons?", "btn", "cta")
_ENDS = (".", "!", "?", "…", "。", "।", "።", "”", "»")
_UNSAID = frozenset({"script", "style", "noscript", "template", "svg", "button", "iframe", "picture", "img", "h1"})
_INLINE = frozenset({"a", "b", "i", "em", "strong", "u", "q", "sup", "sub", "abbr", "mark", "time", "bdi", "font"})
_UP = 7
"""Elements that may lie between a picture and its caption."""
_LONGEST = 700
"""Characters of a caption."""
_FAR = 20_000
"""Characters, white space and styles included, of an element too large to be about one picture."""
_SHORT = 80
"""Characters of a credit that is not marked as one."""
_BEFORE = 20
"""Characters of a caption behind which such a credit can stand."""


def said_of(image: Element, root: Element, alt: str) -> tuple[str, str]:
    """Caption and credit of an image, from what stands nearest around it."""
    region = _captioned(image, root) or _region(image, root)
    caption, credit = _sorted(_segments(region)) if region is not None else ("", "")
    title = tidy(image.get("title"))
    if not credit and alt and title.startswith(f"{alt} | "):
        credit = title.removeprefix(f"{alt} | ")
    if not caption and not alt:
        caption, named = _parted(title)
        credit = credit or named
    return _clean(caption), _named(_clean(credit or _parted(alt)[1]))


def is_credit(text: str) -> bool:
    """Whether a text says whose a picture is, and no more."""
    return len(text) <= _SHORT and _LABEL.match(text) is not None


def whose(credit: str) -> str:
    """A credit without the label before it."""
    return _named(credit)


def _captioned(image: Element, root: Element) -> Element | None:
    """The nearest element around an image that holds its figcaption."""
    for around in _around(image, root):
        if captions := around.inner("figcaption"):
            return around if len(captions) == 1 and len(tidy(around.text)) <= 3 * _LONGEST else None
    return None


def _region(image: Element, root: Element) -> Element | None:
    """The nearest element around an image that says something, if that is all about the image."""
    for around in _around(image, root):
        if around.tag in ("li", "td"):
            return None
        if around.tag not in ("picture", "noscript", "a", "button") and (text := text_of(around)):
            says_more = len(text) > _LONGEST or around.has({"h1", "h2"}) or _has_paragraphs(around)
            return None if says_more else around
    return None


def _has_paragraphs(element: Element) -> bool:
    """Whether three paragraphs are in it, side by side."""
    beside = Counter(one.parent for one in element.inner("p"))
    return any(count > 2 for count in beside.values())


def _around(image: Element, root: Element) -> Iterator[Element]:
    """The elements around an image, from inside, as long as they do not say far more than a caption."""
    around = image.parent
    for _ in range(_UP):
        if around is None or around.tag in ("article", "main", "body") or around is root:
            return
        if len(around.text) > _FAR:
            return
        yield around
        around = around.parent


@dataclass(frozen=True, slots=True)
class _Segment:
    """A piece of what is said around an image, and how that is marked."""

    text: str
    marks: str


def _segments(region: Element) -> list[_Segment]:
    caption = region.first("figcaption")
    found: list[_Segment] = []
    _gather(region, "", found)
    if caption is not None:
        inside: list[_Segment] = []
        _gather(caption, marks_of(caption), inside)
        texts = {one.text for one in inside}
        found = [one for one in found if one.text in texts or (_CREDIT(one.marks) and not _WRITER(one.marks))]
    return found


def _gather(element: Element, marks: str, found: list[_Segment]) -> None:
    parts: list[str] = []

    def flush() -> None:
        if text := tidy("".join(parts)):
            found.append(_Segment(text, marks))
        parts.clear()

    for child in element.nodes:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag == "br":
            parts.append(" ")
        elif child.tag not in _UNSAID:
            own = marks_of(child)
            if _BUTTON(own) or child.get("role") == "button":
                continue
            if child.tag in _INLINE and not _CREDIT(own) and not child.has({"span", "div", "p"}):
                parts.append(child.text)
            else:
                flush()
                _gather(child, f"{marks} {own}" + (" credit" if child.tag == "cite" else ""), found)
    flush()


def _sorted(segments: list[_Segment]) -> tuple[str, str]:
    """What of it is the caption, and what the credit."""
    captions: list[str] = []
    credits: list[str] = []
    for at, one in enumerate(segments):
        last = at == len(segments) - 1
        if (
            _CREDIT(one.marks)
            or _LABEL.match(one.text)
            or (credits and len(one.text) <= _SHORT and (captions or _is_label(credits[-1])))
            or (
                last
                and captions
                and len(one.text) <= _SHORT
                and not one.text.endswith(".")
                and len(captions[-1]) >= _BEFORE
            )
        ):
            credits.append(one.text)
        elif one.text not in captions:
            captions.append(one.text)
    caption, credit = tidy(" ".join(captions)), tidy(" ".join(dict.fromkeys(credits)))
    if caption and caption != credit and caption.endswith(credit):
        caption = caption.removesuffix(credit)
    if not credit:
        caption, credit = _parted(caption)
    if not credit and len(caption) >= _BEFORE and (tail := _TAIL.search(caption)) is not None:
        caption, credit = caption[: tail.start(1)], tail[1]
    return _clean(caption), _named(_clean(credit))


def _clean(text: str) -> str:
    return tidy(text).strip(" |·•–—-/").removesuffix("()").strip()


def _is_label(text: str) -> bool:
    label = _LABEL.match(text)
    return label is not None and not text[label.end() :].strip()


def _named(credit: str) -> str:
    """A credit without the label before it and the brackets around it, said once."""
    bare = credit.strip("()[]（） ") if credit[:1] in "([（" else credit
    words = bare.split()
    if words and words == words[: len(words) // 2] * 2:
        bare = " ".join(words[: len(words) // 2])
    label = _LABEL.match(bare) or _BY.match(bare)
    named = bare[label.end() :].strip() if label is not None else bare
    return _TAKEN.sub("", named) or bare


def _parted(whole: str) -> tuple[str, str]:
    """Caption and credit of a text that marks neither."""
    labels = list(_LABEL.finditer(whole))
    if labels:
        start = labels[-1].start()
        return whole[:start].rstrip().rstrip("([（|"), whole[start:].strip(" )]）")
    by = _NAMED_BY.search(whole)
    if by is not None and len(by[0]) <= _SHORT:
        return whole[: by.start()], by[0].strip()
    opened = _OPENED.search(whole)
    if opened is not None and _is_credit(opened[1], whole[: opened.start()].rstrip()):
        return whole[: opened.start()], opened[1]
    equals = _EQUALS.search(whole)
    if equals is not None:
        return whole[: equals.start()], equals[1]
    listed = _LISTED.search(whole)
    if listed is not None:
        return whole[: listed.start(1) - 1], listed[1]
    caption, bar, credit = whole.rpartition(" | ")
    if bar and len(credit) <= _SHORT:
        return caption, credit
    return whole, ""


def _is_credit(opened: str, before: str) -> bool:
    """Whether what stands in brackets at the end of a caption is its credit."""
    if len(opened) > _SHORT or not opened or _KIND.fullmatch(opened):
        return False
    return _AGENCY.search(opened) is not None or "/" in opened or before.endswith(_ENDS)
