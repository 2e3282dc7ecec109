"""The Scrapy project: from a site's profile to an archive and a corpus."""
