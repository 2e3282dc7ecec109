"""The corpus from the archive alone: made again in sections and processes, put in place whole, and proved."""
