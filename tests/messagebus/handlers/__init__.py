"""Handlers to be scanned, in both colours."""
