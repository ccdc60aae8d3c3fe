"""Handlers: what the bus learns of each of them."""
