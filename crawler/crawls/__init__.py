"""What a crawl does, counted as it goes and told at its end."""
