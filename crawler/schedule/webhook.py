"""Failures told to a URL of the operator's own."""

from __future__ import annotations

import base64
import json
import urllib.request
from http.client import HTTPException, InvalidURL
from urllib.parse import unquote, urlsplit, urlunsplit

from crawler.schedule.schedule import Run
from crawler.schedule.wording import run_fields

TIMEOUT = 10.0
"""Seconds."""


def tell(url: str, run: Run, paused: str | None) -> str | None:
    """POST a failed run as JSON; *paused*: why its schedule is. Returns what went wrong, None when all is well."""
    body = json.dumps(run_fields(run) | {"paused": paused}).encode()
    try:
        url, headers = _authorised(url)
        request = urllib.request.Request(url, body, {"Content-Type": "application/json", "User-Agent": "editions"})
        for name, value in headers.items():
            request.add_unredirected_header(name, value)  # for no other host
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            return None
    except (ValueError, InvalidURL):  # they say the URL, which may hold a password
        return "the webhook did not take it: its address is none"
    except (OSError, HTTPException) as error:
        return f"the webhook did not take it: {error}"


def _authorised(url: str) -> tuple[str, dict[str, str]]:
    """A URL without the name and password before its host, and the header that says them (RFC 7617)."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    name, _, password = user.partition(":")
    said = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {said}"}
