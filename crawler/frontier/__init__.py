"""What to fetch next: which URLs are known already, and when a host may be asked again."""
