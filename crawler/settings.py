"""Scrapy's settings for this project; a site's profile may change those of politeness (see the spider)."""

import os
from importlib.metadata import version

BOT_NAME = "editions"
SPIDER_MODULES = ["crawler.spiders"]
COMMANDS_MODULE = "crawler.scrapy_commands"

# Who asks. A contact lets a site's owner write before blocking: an address or a page.
EDITIONS_CONTACT = os.environ.get("EDITIONS_CONTACT", "")
_CONTACT = f"+{EDITIONS_CONTACT}" if EDITIONS_CONTACT else "no contact given"
USER_AGENT = f"editions/{version('editions')} (news archive; {_CONTACT})"

# No Accept-Language: a page's language is told by its address, not by who asks.
DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

# Polite.
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0  # it would go down to half the delay
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 8
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
EDITIONS_RETRY_AFTER_MAX = 300.0  # seconds; a host that asks for more is asked again after this long
COOKIES_ENABLED = False  # what a page says must not hang on what was asked before it

# Bounded.
DOWNLOAD_TIMEOUT = 180  # seconds for a whole answer; silence ends sooner, by the minimum rate
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
RETRY_TIMES = 2
REDIRECT_MAX_TIMES = 10
METAREFRESH_MAXDELAY = 6  # seconds; a page that is shown as long before it leads on is a page, and read
URLLENGTH_LIMIT = 2083
EDITIONS_MAX_LINKS = 5000  # of one kind, from one page
EDITIONS_MAX_PAGES_PER_HOST = 0  # none
EDITIONS_MAX_BARREN_LISTS = 20  # in a row without a new article; no list is asked for after them
EDITIONS_HEAD_MAXSIZE = 256 * 1024  # of a response's head
EDITIONS_MIN_RATE = 100.0  # bytes a second, averaged over the patience; less is given up
EDITIONS_MIN_RATE_PATIENCE = 30.0  # seconds
EDITIONS_LEAST_FREE_MB = int(os.environ.get("EDITIONS_LEAST_FREE_MB", "200"))  # of disk: less stops a crawl cleanly

# Names and addresses of both kinds: Scrapy's own choice knows IPv4 alone, and takes [::1] for a name.
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"

# Every answer comes from the wire, with a capture; nothing but http and https is fetched at all.
DOWNLOAD_HANDLERS = {
    "http": "crawler.download.resume.ResumingDownloadHandler",
    "https": "crawler.download.resume.ResumingDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}

# Closed: nobody else talks to a running crawl.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# What to fetch next is on disk, and survives a kill; a URL is done when its capture is.
SCHEDULER = "crawler.frontier.scheduler.FrontierScheduler"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
SPIDER_MIDDLEWARES = {"crawler.frontier.endings.EndingMiddleware": 10}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.download.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.download.decoding.DecodingMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.download.refresh.RefreshMiddleware": 580,
    "crawler.download.conditional.ConditionalMiddleware": 595,  # a 304 has a body from here on
    "crawler.frontier.patience.RetryAfterMiddleware": 950,  # sees answers before retries do
}
ITEM_PIPELINES = {
    "crawler.pipelines.NormalisePipeline": 300,
    "crawler.pipelines.CorpusPipeline": 800,
}
EXTENSIONS = {
    "crawler.keeping.extension.Keeping": 0,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.download.throttle.Throttle": 0,
    "crawler.crawls.progress.Progress": 500,
    "scrapy.extensions.remote_control.RemoteControl": None,  # even closed it loads a web framework: 0.2 s
}

CONCURRENT_ITEMS = 4  # at 100, Scrapy's default, each response costs 101 asyncio tasks
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
MEMUSAGE_ENABLED = False
LOGSTATS_INTERVAL = 0
FEED_EXPORT_ENCODING = "utf-8"
