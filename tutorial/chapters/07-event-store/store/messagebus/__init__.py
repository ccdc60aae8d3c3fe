"""messagebus: a compact, typed message bus for Python."""

from pydantic import Field

from messagebus.bus import AsyncMessageBus
from messagebus.errors import (
    ConfigurationError,
    MessageBusError,
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
from messagebus.ports import AsyncAbstractEventstreamTransport, AsyncAbstractRepository
from messagebus.transaction import TransactionStatus
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

__all__ = [
    "AbstractMessageSerializer",
    "AsyncAbstractEventstoreRepository",
    "AsyncAbstractEventstreamTransport",
    "AsyncAbstractRepository",
    "AsyncAbstractUnitOfWork",
    "AsyncEventstreamPublisher",
    "AsyncMessageBus",
    "AsyncSinkholeEventstoreRepository",
    "Command",
    "ConfigurationError",
    "Event",
    "Field",
    "Message",
    "MessageBusError",
    "MessageSerializer",
    "Metadata",
    "Model",
    "TransactionError",
    "TransactionStatus",
    "UnhandledCommandError",
    "async_listen",
]
