"""The relay's ports towards the database: the outbox, where messages wait, and the leader lock."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from messagebus.errors import ConfigurationError
from messagebus.relay.stream import StreamMessage, UndecodableMessageError

SLOTS = 256
"""The number of slots. A stream key's slot is the CRC-32 of its UTF-8 bytes modulo this number."""


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
                f"there is no shard {self.index} of {self.count}. Shards are counted from 0, and "
                f"there are at most {SLOTS}."
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
        """The first waiting messages in order of position, without those of a parked stream key.

        A dead letter parks its stream key: the messages behind it wait. Every call reads the
        outbox again, since a smaller position may be committed after a larger one.
        """

    @abstractmethod
    async def mark_sent(self, positions: Sequence[int]) -> None:
        """Mark these messages as confirmed by the stream, at the time of the database's clock."""

    @abstractmethod
    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key until a replay or a purge.

        The reason comes from the stream: it may contain a NUL or lone surrogates.
        """

    @abstractmethod
    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` messages that were sent longer ago than that; return how many."""


class OutboxStatus(NamedTuple):
    """The number of messages in each state, and the age of the oldest waiting one."""

    waiting: int
    """Includes parked messages, but no dead letters."""

    oldest_age: float | None
    """In seconds; `None` if no message waits."""

    sent: int
    parked: int
    """Messages that wait behind a dead letter of the same stream key."""

    dead: int


class DeadLetter(NamedTuple):
    """A message that the stream has rejected for good, with the reason."""

    position: int
    refused_at: datetime
    refusal: str
    message: StreamMessage


class AsyncAbstractDeadLetters(ABC):
    """The dead letters of an outbox or an inbox, which operators inspect and repair."""

    @abstractmethod
    async def dead_letters(self, after: int = 0, limit: int = 1000) -> Sequence[DeadLetter]:
        """The dead letters behind a position, in order."""

    @abstractmethod
    async def replay_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Send these dead letters, or all, again, and the messages parked behind them."""

    @abstractmethod
    async def purge_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Delete these dead letters, or all; the messages parked behind them wait no longer."""


class AsyncAbstractManagedOutbox(AsyncAbstractOutbox, AsyncAbstractDeadLetters):
    """An outbox that operators inspect and repair: its status, its messages, its dead letters."""

    @abstractmethod
    async def status(self) -> OutboxStatus:
        """Count the messages."""

    @abstractmethod
    async def leader(self) -> str | None:
        """A description of the relay that leads now; `None` if no relay leads."""

    @abstractmethod
    async def published(
        self, after: int, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position in order, each with its own position.

        Raises `UndecodableMessageError` if the next one cannot be decoded.
        """

    @abstractmethod
    async def before_last(self, number: int) -> int:
        """The position in front of the last `number` published envelopes; 0 if there are fewer."""

    async def published_events(
        self,
        last: int | None = None,
        on_undecodable: Callable[[UndecodableMessageError], object] | None = None,
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """All published envelopes in order of position, or the `last` ones, read 1,000 at a time.

        If a row cannot be decoded, its error goes to `on_undecodable` and the row is skipped.
        Without `on_undecodable` the error is raised.
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
    async def replay(self, position: int) -> int:
        """Let all sent messages from this position on be sent again; return how many."""


class AsyncAbstractLeader(ABC):
    """The leader lock: one relay holds it and sends. It is free again when its process dies."""

    @abstractmethod
    async def try_acquire(self) -> bool:
        """Acquire the lock if it is free, without waiting; return whether this relay holds it.

        The relay calls it before each batch, so a leader that has lost its lock stops sending.
        """

    @abstractmethod
    async def release(self) -> None:
        """Release the lock, so that another relay can lead."""
