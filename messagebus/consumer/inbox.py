"""The inbox's port: the messages that were applied, those that wait, and the dead letters."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from messagebus.errors import MessageBusError
from messagebus.relay.outbox import AsyncAbstractDeadLetters, AsyncAbstractLeader
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

T = TypeVar("T")
TUow = TypeVar("TUow", bound=AsyncAbstractUnitOfWork[Any])


class OvertakenError(MessageBusError):
    """Another process consumes under this name now; this one commits nothing any more."""


@dataclass(slots=True)
class Arrival:
    """A message on its way into the inbox."""

    id: str
    """The message's id, or a digest of a body that is no message."""

    stream_key: str
    body: bytes
    headers: Mapping[str, str]
    held: bool = False
    """Whether it is held instead of applied."""

    attempts: int = 0
    due_at: float = 0.0
    """The time of the next attempt, in seconds since the epoch."""

    failure: str | None = None
    """Why it is held."""

    rejection: str | None = None
    """Why it is a dead letter."""


class Taken(NamedTuple):
    """The ids of the arrivals that the inbox did not have."""

    new: frozenset[str]
    """To be applied by the transaction."""

    held: frozenset[str]
    """To be applied later: failed, or behind a held message of the same key."""

    dead: frozenset[str]


class HeldMessage(NamedTuple):
    """The first message of its key that waits for an attempt."""

    position: int
    body: bytes
    headers: Mapping[str, str]
    attempts: int
    """The attempts that were made, or begun."""

    failure: str | None
    """The reason of the last failure; `None` before one is known."""


class InboxStatus(NamedTuple):
    """The number of messages in each state, and the age of the oldest held one."""

    waiting: int
    """Held messages, including parked ones, but no dead letters."""

    oldest_age: float | None
    """In seconds, since it arrived; `None` if none is held."""

    parked: int
    """Messages that wait behind another one of the same stream key."""

    dead: int
    done: int
    """Applied or ignored, and not purged since."""


class AsyncAbstractInbox(AsyncAbstractDeadLetters, Generic[TUow]):
    """The messages that one consumer has received.

    All methods that change it raise `OvertakenError` after another process has called `begin`.
    """

    unavailable: ClassVar[tuple[type[Exception], ...]] = ()
    """Errors of a database that does not answer: they are no attempt at a message."""

    consumer: str
    """The consumer's name, under which it reads the stream."""

    @property
    @abstractmethod
    def lock(self) -> AsyncAbstractLeader:
        """The lock of the one process that consumes under this name."""

    @abstractmethod
    async def begin(self) -> None:
        """Let this process consume, and exclude all that began before."""

    @abstractmethod
    async def transact(
        self,
        unit_of_work: TUow,
        work: Callable[[TUow], Awaitable[T]],
        retry_on: tuple[type[Exception], ...],
    ) -> T:
        """Await the work, which commits, in a transaction; again after `retry_on` or a conflict."""

    @abstractmethod
    async def take(self, transaction: TUow, arrivals: Sequence[Arrival]) -> Taken:
        """Insert the arrivals that are new, in the transaction of their effects.

        Until `release` the transaction's `commit` raises: no handler may commit half a batch.
        """

    @abstractmethod
    async def mark_applied(self, transaction: TUow, position: int) -> None:
        """Mark a held message as applied, in the transaction of its effect, as `take` does."""

    @abstractmethod
    def release(self, transaction: TUow) -> None:
        """Let the transaction commit."""

    @abstractmethod
    def follow(self, transaction: TUow, headers: Mapping[str, str]) -> None:
        """Let the next messages of the transaction's journal belong to that of these headers."""

    @abstractmethod
    async def hold(self, arrivals: Sequence[Arrival]) -> Taken:
        """Insert the arrivals that are new and hold each of them, in a transaction of its own."""

    @abstractmethod
    async def due(self, now: float, limit: int) -> Sequence[HeldMessage]:
        """The first held messages of their keys whose time has come, in order of position."""

    @abstractmethod
    async def count_attempt(self, position: int, due_at: float) -> None:
        """Count an attempt before it is made; commit that, and the time of the next one."""

    @abstractmethod
    async def return_attempt(self, position: int) -> None:
        """Take back the last attempt, which the database interrupted."""

    @abstractmethod
    async def fail(self, position: int, reason: str) -> None:
        """Store the reason of an attempt's failure."""

    @abstractmethod
    async def reject(self, position: int, reason: str) -> None:
        """Make a held message a dead letter, which parks its stream key."""

    @abstractmethod
    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` messages that were done longer ago than that; return how many."""

    @abstractmethod
    async def status(self) -> InboxStatus:
        """Count the messages."""

    @abstractmethod
    async def leader(self) -> str | None:
        """A description of the process that consumes now; `None` if there is none."""
