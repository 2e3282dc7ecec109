from __future__ import annotations

import logging
import time

import pytest
from pytest_twisted import ensureDeferred
from scrapy.exceptions import IgnoreRequest

from crawler.download import throttle
from crawler.limits import RobotsUnreachableError
from tests.download.cases import PAGE, answer, chunked
from tests.download.crawl import Crawl, crawl, request_of
from tests.download.torture import Case, Close, Entry, Hold, Reset, Step, TortureServer

OBEYING = {
    "ROBOTSTXT_OBEY": True,
    "USER_AGENT": "editions/1 (news archive; +https://lab.example/bot)",
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "crawler.download.robots.RobotsMiddleware": 100,
    },
    "REDIRECT_ENABLED": True,
    "RETRY_ENABLED": True,
    "RETRY_TIMES": 1,
    "DOWNLOAD_TIMEOUT": 10,
    "DOWNLOAD_MAXSIZE": 2_000_000,
    "EDITIONS_MIN_RATE_PATIENCE": 0.3,
}

OPEN, CLOSED = (Case(name, (answer("200 OK"),)) for name in ("open", "closed"))
CLOSE = b"Disallow: /closed\n"
FORBID = b"User-agent: *\n" + CLOSE
NOTHING: tuple[type[BaseException] | None, ...] = (RobotsUnreachableError, RobotsUnreachableError)
ALL = (None, None)
RULES = (None, IgnoreRequest)
HUGE = FORBID + b"Disallow: /never/%d\n" * 70_000

ROBOTS: dict[str, tuple[tuple[Step, ...], tuple[type[BaseException] | None, ...]]] = {
    # what it is: the answer, and what comes of /open and /closed
    "rules": ((answer("200 OK", body=FORBID),), RULES),
    "for us": ((answer("200 OK", body=b"User-agent: *\n\nUser-agent: Editions\nDisallow: /closed"),), RULES),
    "for others": ((answer("200 OK", body=b"User-agent: news\nUser-agent: Bot\nUser-agent: lab\n" + CLOSE),), ALL),
    "with a mark of order": ((answer("200 OK", body=b"\xef\xbb\xbf" + FORBID),), RULES),
    "empty": ((answer("200 OK", body=b""),), ALL),
    "HTML": ((answer("200 OK", b"Content-Type: text/html"),), ALL),
    "HTML with status 404": ((answer("404 Not Found", body=FORBID),), ALL),
    "binary": ((answer("200 OK", body=bytes(range(256)) * 2_000),), ALL),
    "huge": ((answer("200 OK", body=HUGE),), RULES),
    "huge and chunked": ((chunked(HUGE),), RULES),
    "beyond what is read": ((answer("200 OK", body=b"#" * 600_000 + b"\n" + FORBID),), ALL),
    "beyond all limits": ((answer("200 OK", body=b"#" * 3_000_000),), NOTHING),
    "403": ((answer("403 Forbidden"),), ALL),
    "429": ((answer("429 Too Many"),), NOTHING),
    "500": ((answer("500 Error", body=FORBID),), NOTHING),
    "503": ((answer("503 Busy"),), NOTHING),
    "redirect to itself": ((answer("301 Moved", b"Location: /robots.txt", body=b""),), ALL),
    "redirect to a file": ((answer("302 Found", b"Location: file:///etc/passwd", body=b""),), ALL),
    "redirect without place": ((answer("302 Found", body=b""),), ALL),
    "no answer": ((Close(),), NOTHING),
    "reset": ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser", Reset()), NOTHING),
    "silent": ((Hold(),), NOTHING),
    "junk": ((b"SSH-2.0-OpenSSH_9.6\r\n", Hold()), NOTHING),
}


async def ask(script: tuple[Step, ...], *more: Case, **settings: object) -> tuple[Crawl, list[Entry], str]:
    robots = Case("robots.txt", script)
    with TortureServer((robots, OPEN, CLOSED, *more)) as server:
        requests = [request_of(case, server) for case in (OPEN, CLOSED)]
        result = await crawl(requests, None, **(OBEYING | settings))  # type: ignore[arg-type]
        return result, server.log, server.url


@pytest.mark.parametrize("name", ROBOTS)
@ensureDeferred
async def test_robots_txt(name: str, caplog: pytest.LogCaptureFixture) -> None:
    script, outcomes = ROBOTS[name]
    began = time.monotonic()
    result, log, url = await ask(script, DOWNLOAD_TIMEOUT=1 if Hold() in script else 10)
    for case, outcome in zip((OPEN, CLOSED), outcomes, strict=True):
        if outcome is None:
            assert result.responses[f"{url}/{case.name}"].body == PAGE
        else:
            error = result.errors[f"{url}/{case.name}"]
            assert isinstance(error, outcome)
            assert "robots.txt" in str(error)
    allowed = [f"/{case.name}" for case, outcome in zip((OPEN, CLOSED), outcomes, strict=True) if outcome is None]
    assert sorted(entry.path for entry in log if entry.path != "/robots.txt") == sorted(allowed)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR and record.exc_info] == []
    assert time.monotonic() - began < 10


@ensureDeferred
async def test_a_redirect_to_rules_is_followed() -> None:
    moved = Case("rules", (answer("200 OK", body=FORBID),))
    result, log, url = await ask((answer("301 Moved", b"Location: /rules", body=b""),), moved)
    assert list(result.responses) == [f"{url}/open"]
    assert [entry.path for entry in log] == ["/robots.txt", "/rules", "/open"]


@pytest.mark.parametrize(("asked", "least"), [("99999", 0.7), ("inf", 0), ("nan", 0), ("-7", 0)])
@ensureDeferred
async def test_no_crawl_delay_stops_a_crawl(asked: str, least: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LONGEST", 0.4)
    began = time.monotonic()
    result, _, _ = await ask((answer("200 OK", body=f"User-agent: *\nCrawl-delay: {asked}\n".encode()),))
    assert len(result.responses) == 2
    assert least < time.monotonic() - began < 9


@ensureDeferred
async def test_they_are_asked_once() -> None:
    _, log, _ = await ask((answer("200 OK", body=FORBID),), CONCURRENT_REQUESTS=8)
    assert [entry.path for entry in log].count("/robots.txt") == 1


@ensureDeferred
async def test_who_does_not_obey_does_not_ask() -> None:
    result, log, _ = await ask((answer("200 OK", body=FORBID),), ROBOTSTXT_OBEY=False)
    assert len(result.responses) == 2
    assert "/robots.txt" not in {entry.path for entry in log}
