"""messagebus: a compact, typed message bus for Python."""

from messagebus.model import Model

__all__ = ["Model"]
