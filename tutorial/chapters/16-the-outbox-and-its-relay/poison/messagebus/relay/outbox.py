"""The ports between the relay and where messages wait: the outbox, and the leader's seat."""

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
        """The first that wait, in order of position, without those of a parked stream key.

        A key is parked by a refused message, for all that are behind it. Every call looks anew:
        a smaller position may be committed after a larger one.
        """

    @abstractmethod
    async def mark_sent(self, positions: Sequence[int]) -> None:
        """Remember, by the database's clock, that the stream has confirmed these."""

    @abstractmethod
    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key until it is dealt with."""


class AsyncAbstractLeader(ABC):
    """The seat of the one relay that may send; whoever dies leaves it."""

    @abstractmethod
    async def try_acquire(self) -> bool:
        """Take the seat if it is free; say whether it is ours, now, without waiting for it."""

    @abstractmethod
    async def release(self) -> None:
        """Leave the seat to the next one."""
