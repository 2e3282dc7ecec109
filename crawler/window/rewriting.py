"""What leads out of a captured page or style sheet made to lead to captures."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin

from resiliparse.parse.html import ElementNode, HTMLTree

from crawler.text.charset import decode

Lead = Callable[[str], str]
"""From a web address to where its capture is shown."""

_ADDRESSES = ("href", "src", "poster", "action", "formaction", "data", "background")
_IN_STYLE = re.compile(r"""(url\(\s*["']?|@import\s+["'])([^"')]+)""", re.IGNORECASE)
_CANDIDATE = re.compile(r"([^\s,][^\s]*[^\s,])(\s+[^,]*)?")
"""Of a srcset: an address, and how wide or dense its image is (HTML, 4.8.4.2)."""
_REFRESH = re.compile(r"(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?[\"']?)([^\"']+)", re.IGNORECASE)
_ELEMENTS = ", ".join(f"[{name}]" for name in (*_ADDRESSES, "srcset", "imagesrcset", "style", "integrity"))


def page_in_window(body: bytes, content_type: str | None, url: str, lead: Lead) -> bytes:
    """A captured page, found at *url*, as UTF-8, with all its addresses led by *lead*."""
    tree = HTMLTree.parse(decode(body, content_type).text)
    document = tree.document
    if document is None:
        return b""
    base = _base(document.query_selector("base[href]"), url)
    for element in document.query_selector_all(_ELEMENTS).values():
        _lead_element(element, base, lead)
    for element in document.query_selector_all("style").values():
        element.text = style_in_window(element.text or "", base, lead)
    for element in document.query_selector_all("meta[http-equiv]").values():
        _lead_meta(element, base, lead)
    return str(document.html).encode("utf-8", "replace")


def style_in_window(text: str, url: str, lead: Lead) -> str:
    """A style sheet, or a piece of one, likewise."""
    return _IN_STYLE.sub(lambda match: match[1] + _led(match[2].strip(), url, lead), text)


def _base(element: ElementNode | None, url: str) -> str:
    """What addresses are relative to (HTML, 2.4.3); in the window, the page's own place."""
    if element is None:
        return url
    href = element.get_attribute("href") or ""
    element.remove_attribute("href")
    return _joined(url, href) or url


def _lead_element(element: ElementNode, base: str, lead: Lead) -> None:
    for name in _ADDRESSES:
        if (value := element.get_attribute(name)) is not None:
            element.set_attribute(name, _led(value, base, lead))
    for name in ("srcset", "imagesrcset"):
        if (value := element.get_attribute(name)) is not None:
            element.set_attribute(name, ", ".join(_candidates(value, base, lead)))
    if (value := element.get_attribute("style")) is not None:
        element.set_attribute("style", style_in_window(value, base, lead))
    element.remove_attribute("integrity")  # it is of the bytes as they were


def _candidates(srcset: str, base: str, lead: Lead) -> list[str]:
    return [_led(one[1], base, lead) + (one[2] or "").rstrip() for one in _CANDIDATE.finditer(srcset)]


def _lead_meta(element: ElementNode, base: str, lead: Lead) -> None:
    said = (element.get_attribute("http-equiv") or "").strip().lower()
    content = element.get_attribute("content") or ""
    if said == "refresh" and (match := _REFRESH.fullmatch(content.strip())):
        element.set_attribute("content", match[1] + _led(match[2], base, lead))
    elif said in ("content-security-policy", "content-type"):
        element.remove_attribute("http-equiv")  # of the page as it was: it is UTF-8 now, and under our policy


def _led(address: str, base: str, lead: Lead) -> str:
    """An address as it is shown; one that leads nowhere on the web stays."""
    if not address.strip() or address.lstrip().startswith("#"):
        return address
    url = _joined(base, address.strip())
    return lead(url) if url.startswith(("http://", "https://")) else address


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return ""
