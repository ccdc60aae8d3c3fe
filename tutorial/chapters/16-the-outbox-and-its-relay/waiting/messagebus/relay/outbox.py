"""The relay's port towards the database: the outbox, where messages wait."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from messagebus.relay.stream import StreamMessage


class OutboxMessage(NamedTuple):
    """A committed message that waits for the stream."""

    position: int
    message: StreamMessage


class AsyncAbstractOutbox(ABC):
    """Committed messages, each until the stream has confirmed it."""

    @abstractmethod
    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        """The first waiting messages in order of position; every call reads the outbox again."""

    @abstractmethod
    async def mark_sent(self, positions: Sequence[int]) -> None:
        """Mark these messages as confirmed by the stream, at the time of the database's clock."""
