"""Failures told to a URL of the operator's own."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException, InvalidURL

from crawler.schedule.schedule import Run
from crawler.schedule.wording import run_fields

TIMEOUT = 10.0
"""Seconds."""


def tell(url: str, run: Run, paused: str | None) -> str | None:
    """POST a failed run as JSON; *paused*: why its schedule is. Returns what went wrong, None when all is well."""
    body = json.dumps(run_fields(run) | {"paused": paused}).encode()
    try:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json", "User-Agent": "editions"})
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            return None
    except (ValueError, InvalidURL):  # they say the URL, which may hold a password
        return "the webhook did not take it: its address is none"
    except (OSError, HTTPException) as error:
        return f"the webhook did not take it: {error}"
