"""What a replay sets beside the project's settings, above those of the site's profile."""

from __future__ import annotations

from scrapy.settings import Settings

from crawler.from_archive.choice import Choice

_HANDLER = "crawler.download.replay.ReplayDownloadHandler"

_SETTINGS: dict[str, object] = {
    "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER, "data": None, "file": None, "ftp": None, "s3": None},
    "EXTENSIONS": {
        "crawler.from_archive.replaying.Replaying": 0,
        "crawler.crawls.progress.Progress": 500,
        "scrapy.extensions.corestats.CoreStats": None,
        "scrapy.extensions.remote_control.RemoteControl": None,
    },
    # The report is made of what was replayed, and requests name the page that led to them by themselves.
    "DOWNLOADER_STATS": False,
    "REFERER_ENABLED": False,
    "CONCURRENT_ITEMS": 1,  # a page is handed over at once; each more costs a task a response
    # Nobody is waited for, and what failed then fails again.
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_ENABLED": False,
    "EDITIONS_MAX_BARREN_LISTS": 0,  # an archive ends by itself, and which article is new depends on the order
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
}

_MIDDLEWARES: dict[str, int | None] = {
    "crawler.download.robots.RobotsMiddleware": None,
    "crawler.from_archive.robots.ReplayRobotsMiddleware": 100,
    "crawler.download.conditional.ConditionalMiddleware": None,
    "crawler.frontier.patience.RetryAfterMiddleware": None,
}


def replay_settings(settings: Settings, choice: Choice, *, unlinked: bool) -> None:
    """Change a crawl's *settings* into those of a replay of *choice*.

    *unlinked*: whether articles of the archive to which no link leads are replayed too.
    """
    middlewares = {**settings["DOWNLOADER_MIDDLEWARES"], **_MIDDLEWARES}
    for name, value in {
        **_SETTINGS,
        "DOWNLOADER_MIDDLEWARES": middlewares,
        "EDITIONS_FROM_ARCHIVE": str(choice.source),
        "EDITIONS_CAPTURES": choice.which,
        "EDITIONS_AS_OF": choice.as_of.isoformat() if choice.as_of else None,
        "EDITIONS_UNLINKED": unlinked,
    }.items():
        settings.set(name, value, priority="cmdline")
