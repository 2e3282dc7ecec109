"""Answers to requests, from the wire or from the archive, below every Scrapy middleware."""
