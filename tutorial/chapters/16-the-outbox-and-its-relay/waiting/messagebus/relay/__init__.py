"""The relay: from the outbox to the stream, each message at least once, in order by its key."""

from messagebus.relay.outbox import AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.stream import StreamMessage

__all__ = ["AsyncAbstractOutbox", "OutboxMessage", "StreamMessage"]
