"""The relay sends messages from the outbox to the stream: at least once, in order by stream key.

It depends on ports, not on a database or a broker: an outbox of committed messages, a stream that
confirms them, and a leader lock that one relay at a time holds.
"""

from messagebus.relay.codec import EncodedMessage, Encoder, decode, encoder_of
from messagebus.relay.outbox import (
    AsyncAbstractDeadLetters,
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
    LostMessagesError,
    LostPositionError,
    MessageRejectedError,
    StreamClosedError,
    StreamMessage,
    StreamUnavailableError,
    UndecodableMessageError,
)

__all__ = [
    "AcknowledgedPrefix",
    "AsyncAbstractDeadLetters",
    "AsyncAbstractLeader",
    "AsyncAbstractManagedOutbox",
    "AsyncAbstractOutbox",
    "AsyncAbstractStream",
    "AsyncRelay",
    "DeadLetter",
    "Delivery",
    "EncodedMessage",
    "Encoder",
    "LedElsewhereError",
    "LostMessagesError",
    "LostPositionError",
    "MessageRejectedError",
    "OutboxMessage",
    "OutboxStatus",
    "Shard",
    "StreamClosedError",
    "StreamMessage",
    "StreamUnavailableError",
    "UndecodableMessageError",
    "decode",
    "encoder_of",
    "stopped_by_signals",
]
