"""From page to document to corpus: plain functions, no Scrapy."""
