"""messagebus: a compact, typed message bus for Python.

Commands, events, handlers, units of work, repositories, event stores and the event stream.
Every public name is importable from here.
"""

from pydantic import Field

from messagebus.bus import AsyncMessageBus
from messagebus.errors import (
    ConfigurationError,
    MessageBusError,
    MessageLoopError,
    MissingDependencyError,
    TransactionError,
    UnhandledCommandError,
)
from messagebus.eventstore import (
    AsyncAbstractEventstoreRepository,
    AsyncSinkholeEventstoreRepository,
)
from messagebus.eventstream import (
    AbstractMessageSerializer,
    AsyncEventstreamPublisher,
    MessageSerializer,
)
from messagebus.handlers.marks import async_listen
from messagebus.messages import Command, Event, Message, Metadata
from messagebus.model import Model
from messagebus.ports import (
    AsyncAbstractEventstreamTransport,
    AsyncAbstractRepository,
    AsyncDependency,
)
from messagebus.transaction import TransactionStatus
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

__all__ = [
    "AbstractMessageSerializer",
    "AsyncAbstractEventstoreRepository",
    "AsyncAbstractEventstreamTransport",
    "AsyncAbstractRepository",
    "AsyncAbstractUnitOfWork",
    "AsyncDependency",
    "AsyncEventstreamPublisher",
    "AsyncMessageBus",
    "AsyncSinkholeEventstoreRepository",
    "Command",
    "ConfigurationError",
    "Event",
    "Field",
    "Message",
    "MessageBusError",
    "MessageLoopError",
    "MessageSerializer",
    "Metadata",
    "MissingDependencyError",
    "Model",
    "TransactionError",
    "TransactionStatus",
    "UnhandledCommandError",
    "async_listen",
]
