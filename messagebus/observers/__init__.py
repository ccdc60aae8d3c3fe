"""Observers of the bus and of its transactions, and what they are told of a message's cause."""

from messagebus.observers.observer import Observer, Trail

__all__ = ["Observer", "Trail"]
