"""Scheduled crawls: durable, never overlapping, with a history."""
