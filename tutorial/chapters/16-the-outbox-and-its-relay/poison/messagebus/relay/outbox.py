"""The relay's ports towards the database: the outbox, where messages wait, and the leader lock."""

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
        """The first waiting messages in order of position, without those of a parked stream key.

        A dead letter parks its stream key: the messages behind it wait. Every call reads the
        outbox again, since a smaller position may be committed after a larger one.
        """

    @abstractmethod
    async def mark_sent(self, positions: Sequence[int]) -> None:
        """Mark these messages as confirmed by the stream, at the time of the database's clock."""

    @abstractmethod
    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key."""


class AsyncAbstractLeader(ABC):
    """The leader lock: one relay holds it and sends. It is free again when its process dies."""

    @abstractmethod
    async def try_acquire(self) -> bool:
        """Acquire the lock if it is free, without waiting; return whether this relay holds it."""

    @abstractmethod
    async def release(self) -> None:
        """Release the lock, so that another relay can lead."""
