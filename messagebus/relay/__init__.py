"""The relay: from the outbox to the stream, each message at least once, in order by its key.

It knows no database and no broker, only ports: an outbox of committed messages, a stream that
confirms them, and a leader's seat that one relay at a time can hold.
"""

from messagebus.relay.outbox import (
    AsyncAbstractLeader,
    AsyncAbstractManagedOutbox,
    AsyncAbstractOutbox,
    DeadLetter,
    OutboxMessage,
    OutboxStatus,
    Shard,
)
from messagebus.relay.relay import AsyncRelay, LedElsewhereError
from messagebus.relay.signals import stopped_by_signals
from messagebus.relay.stream import (
    AcknowledgedPrefix,
    AsyncAbstractStream,
    Delivery,
    LostPositionError,
    MessageRejectedError,
    StreamClosedError,
    StreamMessage,
    StreamUnavailableError,
    UndecodableMessageError,
)

__all__ = [
    "AcknowledgedPrefix",
    "AsyncAbstractLeader",
    "AsyncAbstractManagedOutbox",
    "AsyncAbstractOutbox",
    "AsyncAbstractStream",
    "AsyncRelay",
    "DeadLetter",
    "Delivery",
    "LedElsewhereError",
    "LostPositionError",
    "MessageRejectedError",
    "OutboxMessage",
    "OutboxStatus",
    "Shard",
    "StreamClosedError",
    "StreamMessage",
    "StreamUnavailableError",
    "UndecodableMessageError",
    "stopped_by_signals",
]
