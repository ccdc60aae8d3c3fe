"""A bus of a few lines."""

from messagebus.bus import Bus

__all__ = ["Bus"]
