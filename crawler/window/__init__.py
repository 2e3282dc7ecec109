"""The window on a collection: its archive and its corpus in a browser."""
