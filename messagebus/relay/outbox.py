"""The ports between the relay and where messages wait: the outbox, and the leader's seat."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from messagebus.errors import ConfigurationError
from messagebus.relay.stream import StreamMessage, UndecodableMessageError

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
    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key until it is dealt with.

        The reason comes from outside: it may contain a NUL or lone surrogates.
        """

    @abstractmethod
    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` messages that were sent longer ago than that; say how many."""


class OutboxStatus(NamedTuple):
    """How many messages there are, and for how long the oldest has waited."""

    waiting: int
    """Parked ones too, dead letters not."""

    oldest_age: float | None
    """Seconds; `None` where none waits."""

    sent: int
    parked: int
    """Wait behind a dead letter of the same stream key."""

    dead: int


class DeadLetter(NamedTuple):
    """A message that the stream has refused, and why."""

    position: int
    refused_at: datetime
    refusal: str
    message: StreamMessage


class AsyncAbstractManagedOutbox(AsyncAbstractOutbox):
    """An outbox that operators inspect and repair: its status, its messages, its dead letters."""

    @abstractmethod
    async def status(self) -> OutboxStatus:
        """Count the messages."""

    @abstractmethod
    async def leader(self) -> str | None:
        """The relay that sends now, as people may read it; `None` where there is none."""

    @abstractmethod
    async def published(
        self, after: int, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position, each with its own, in order of position.

        Raises `UndecodableMessageError` where the very next one can't be read.
        """

    @abstractmethod
    async def before_last(self, number: int) -> int:
        """The position that the last so many published envelopes are behind; 0 for all of them."""

    async def published_events(
        self,
        last: int | None = None,
        on_undecodable: Callable[[UndecodableMessageError], object] | None = None,
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """All published envelopes in order of commit, or the last of them, read 1,000 at a time.

        A row that can't be decoded is given to `on_undecodable` and skipped; without it, raised.
        """
        position = 0 if last is None else await self.before_last(last)
        while True:
            try:
                found = await self.published(position)
            except UndecodableMessageError as error:
                if on_undecodable is None:
                    raise
                on_undecodable(error)
                position = error.position
                continue
            if not found:
                return
            for _, envelope in found:
                yield envelope
            position, _ = found[-1]

    @abstractmethod
    async def dead_letters(self, after: int = 0, limit: int = 1000) -> Sequence[DeadLetter]:
        """The dead letters behind a position, in order."""

    @abstractmethod
    async def replay(self, position: int) -> int:
        """Let everything sent from this position on be sent again; return how many it is."""

    @abstractmethod
    async def replay_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Let these dead letters, or all, be sent again, and what is parked behind them."""

    @abstractmethod
    async def purge_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Delete these dead letters, or all, and let what is parked behind them go on."""


class AsyncAbstractLeader(ABC):
    """The seat of the one relay that may send; whoever dies leaves it."""

    @abstractmethod
    async def try_acquire(self) -> bool:
        """Take the seat if it is free; say whether it is ours, now, without waiting for it.

        Asked in front of each batch: a leader that has lost its lock meanwhile says so.
        """

    @abstractmethod
    async def release(self) -> None:
        """Leave the seat to the next one."""
