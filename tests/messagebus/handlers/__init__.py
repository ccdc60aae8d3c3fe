"""Handlers to be scanned, for both variants."""
