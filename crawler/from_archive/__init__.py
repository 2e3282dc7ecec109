"""The same spider over an archive: ``editions crawl SITE --from-archive COLLECTION``."""
