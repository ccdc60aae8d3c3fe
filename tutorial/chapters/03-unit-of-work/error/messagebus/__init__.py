"""messagebus: a compact, typed message bus for Python."""

from messagebus.errors import MessageBusError, TransactionError
from messagebus.model import Model
from messagebus.ports import AsyncAbstractRepository
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

__all__ = [
    "AsyncAbstractRepository",
    "AsyncAbstractUnitOfWork",
    "MessageBusError",
    "Model",
    "TransactionError",
]
