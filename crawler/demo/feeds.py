"""What the site says to machines: robots.txt and sitemaps."""

from __future__ import annotations

from crawler.demo.behaviours import behaviour
from crawler.demo.labels import EDITIONS
from crawler.demo.oddities import article
from crawler.demo.shell import Desk

XML = "application/xml; charset=utf-8"


def robots(origin: str) -> bytes:
    """robots.txt (RFC 9309): one section is closed to all."""
    closed = "\n".join(f"Disallow: {article(e, 'members-')}" for e in behaviour("members").editions)
    return f"User-agent: *\n{closed}\n\nSitemap: {origin}/sitemap.xml\n".encode()


def sitemap_index(origin: str) -> bytes:
    """The list of the editions' sitemaps (sitemaps.org 0.9)."""
    entries = "".join(f"<sitemap><loc>{origin}/sitemaps/{edition}.xml</loc></sitemap>\n" for edition in EDITIONS)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</sitemapindex>')


def sitemap(desk: Desk) -> bytes:
    """The stories of one edition, each with the editions that have it."""
    entries = []
    for story in desk.catalogue.edition(desk.edition):
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{e}" href="{desk.origin}{article(e, story.slug)}"/>'
            for e in story.editions
        )
        modified = desk.catalogue.modified(story).isoformat()
        location = desk.origin + article(desk.edition, story.slug)
        entries.append(f"<url><loc>{location}</loc><lastmod>{modified}</lastmod>{links}</url>\n")
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return _xml(f"<urlset {spaces}>\n{''.join(entries)}</urlset>")


def _xml(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
