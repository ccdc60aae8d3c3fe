"""The relay sends messages from the outbox to the stream: at least once, in order by stream key."""

from messagebus.relay.outbox import AsyncAbstractLeader, AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.relay import AsyncRelay, LedElsewhereError
from messagebus.relay.stream import (
    AsyncAbstractStream,
    MessageRejectedError,
    StreamMessage,
    StreamUnavailableError,
)

__all__ = [
    "AsyncAbstractLeader",
    "AsyncAbstractOutbox",
    "AsyncAbstractStream",
    "AsyncRelay",
    "LedElsewhereError",
    "MessageRejectedError",
    "OutboxMessage",
    "StreamMessage",
    "StreamUnavailableError",
]
