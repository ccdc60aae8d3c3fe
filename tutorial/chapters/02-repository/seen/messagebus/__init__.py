"""messagebus: a compact, typed message bus for Python."""

from messagebus.model import Model
from messagebus.ports import AsyncAbstractRepository

__all__ = ["AsyncAbstractRepository", "Model"]
