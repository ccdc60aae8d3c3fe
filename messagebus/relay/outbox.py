"""The ports between the relay and where messages wait: the outbox, and the leader's seat."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from messagebus.errors import ConfigurationError
from messagebus.relay.stream import StreamMessage

SLOTS = 256
"""Into how many slots stream keys fall: CRC-32 of the key in UTF-8, modulo this."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `count` parts of an outbox: the stream keys whose slot modulo `count` is `index`.

    All relays of an outbox should agree on `count`. Leaders that share a slot exclude each other,
    so a relay that does not agree sends nothing before the others have stopped.
    """

    index: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count <= SLOTS:
            raise ConfigurationError(
                f"there is no shard {self.index} of {self.count}: shards are counted from 0, "
                f"and there are at most {SLOTS}."
            )

    @property
    def slots(self) -> range:
        """The slots whose stream keys this shard has."""
        return range(self.index, SLOTS, self.count)


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
    async def refuse(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key until it is dealt with.

        The reason comes from outside: it may contain a NUL or lone surrogates.
        """

    @abstractmethod
    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` messages that were sent longer ago than that; say how many."""


class AsyncAbstractLeader(ABC):
    """The seat of the one relay that may send; whoever dies leaves it."""

    @abstractmethod
    async def lead(self) -> bool:
        """Take the seat if it is free; say whether it is ours, now, without waiting for it.

        Asked in front of each batch: a leader that has lost its lock meanwhile says so.
        """

    @abstractmethod
    async def resign(self) -> None:
        """Leave the seat to the next one."""
