"""The relay sends messages from the outbox to the stream: at least once, in order by stream key."""

from messagebus.relay.outbox import AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.stream import StreamMessage

__all__ = ["AsyncAbstractOutbox", "OutboxMessage", "StreamMessage"]
