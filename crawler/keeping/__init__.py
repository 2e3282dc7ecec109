"""What keeps all that a running crawl brings: archive, corpus, frontier."""
