"""Captures kept and found: WARC files and their index. Knows no Scrapy and no sites."""
