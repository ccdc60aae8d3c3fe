"""For tests of applications: a stream and event stores in memory, fixtures, checks of ports.

Opt-in: `pytest_plugins = ["messagebus.testing"]` in a `conftest.py` gives the fixtures
`transport` and `eventstore`, and `sync_transport` and `sync_eventstore` for the sync door;
the event stores publish to the transports. Everything can be used without the fixtures too.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import pytest

from messagebus.eventstore import (
    AsyncAbstractEventstoreRepository,
    SyncAbstractEventstoreRepository,
)
from messagebus.eventstream import AsyncEventstreamPublisher, SyncEventstreamPublisher
from messagebus.messages import Message
from messagebus.model import GenericModel
from messagebus.ports import (
    AsyncAbstractEventstreamTransport,
    AsyncAbstractRepository,
    SyncAbstractEventstreamTransport,
    SyncAbstractRepository,
)
from messagebus.testing.streams import check_stream, stream_messages
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork

__all__ = [
    "AsyncInMemoryEventstoreRepository",
    "AsyncInMemoryEventstreamTransport",
    "SyncInMemoryEventstoreRepository",
    "SyncInMemoryEventstreamTransport",
    "check_async_repository",
    "check_stream",
    "check_sync_repository",
    "eventstore",
    "stream_messages",
    "sync_eventstore",
    "sync_transport",
    "transport",
]

TAsyncUow = TypeVar("TAsyncUow", bound=AsyncAbstractUnitOfWork[Any])
TSyncUow = TypeVar("TSyncUow", bound=SyncAbstractUnitOfWork[Any])


class AsyncInMemoryEventstreamTransport(AsyncAbstractEventstreamTransport):
    """A stream that remembers the envelopes which it was sent, in order."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Remember the envelope."""
        self.events.append(message)


class SyncInMemoryEventstreamTransport(SyncAbstractEventstreamTransport):
    """A stream that remembers the envelopes which it was sent, in order."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []

    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Remember the envelope."""
        self.events.append(message)


class AsyncInMemoryEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps the messages of committed transactions in `messages`, in the order of handling."""

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        super().__init__(publisher)
        self.messages: list[Message[Any]] = []
        self._undecided: list[Message[Any]] = []

    async def _add(self, message: Message[Any]) -> None:
        self._undecided.append(message)

    def end(self, committed: bool) -> None:
        """Keep the transaction's messages if it was committed, forget them if not."""
        super().end(committed)
        if committed:
            self.messages += self._undecided
        self._undecided.clear()


class SyncInMemoryEventstoreRepository(SyncAbstractEventstoreRepository):
    """Keeps the messages of committed transactions in `messages`, in the order of handling."""

    def __init__(self, publisher: SyncEventstreamPublisher | None = None) -> None:
        super().__init__(publisher)
        self.messages: list[Message[Any]] = []
        self._undecided: list[Message[Any]] = []

    def _add(self, message: Message[Any]) -> None:
        self._undecided.append(message)

    def end(self, committed: bool) -> None:
        """Keep the transaction's messages if it was committed, forget them if not."""
        super().end(committed)
        if committed:
            self.messages += self._undecided
        self._undecided.clear()


@pytest.fixture
def transport() -> AsyncInMemoryEventstreamTransport:
    """A stream in memory: look at its `events`."""
    return AsyncInMemoryEventstreamTransport()


@pytest.fixture
def eventstore(transport: AsyncInMemoryEventstreamTransport) -> AsyncInMemoryEventstoreRepository:
    """An event store in memory that publishes to `transport`: look at its `messages`."""
    return AsyncInMemoryEventstoreRepository(AsyncEventstreamPublisher(transport))


@pytest.fixture
def sync_transport() -> SyncInMemoryEventstreamTransport:
    """A stream in memory, for the sync door: look at its `events`."""
    return SyncInMemoryEventstreamTransport()


@pytest.fixture
def sync_eventstore(
    sync_transport: SyncInMemoryEventstreamTransport,
) -> SyncInMemoryEventstoreRepository:
    """An event store in memory that publishes to `sync_transport`: look at its `messages`."""
    return SyncInMemoryEventstoreRepository(SyncEventstreamPublisher(sync_transport))


async def check_async_repository(
    uow: TAsyncUow,
    repository: Callable[[TAsyncUow], AsyncAbstractRepository[Any]],
    model: GenericModel[Any],
    *,
    add: Callable[[TAsyncUow], Awaitable[object]],
    load: Mapping[str, Callable[[TAsyncUow], Awaitable[object]]],
) -> None:
    """Check that a repository puts into `seen` what it adds and what it loads.

    Commits the model, which must be new, in a transaction of its own, and loads it in one
    transaction for each way in `load`, by name:

        await check_async_repository(
            uow,
            lambda uow: uow.books,
            book,
            add=lambda uow: uow.books.add(book),
            load={"by_id": lambda uow: uow.books.by_id(book.id)},
        )

    Raises `AssertionError` where the bus would miss the messages of a model, or collect
    those of an earlier transaction's.
    """
    async with uow as transaction:
        await add(transaction)
        _check_seen(repository(transaction), model, "add")
        await transaction.commit()
    for name, way in load.items():
        async with uow as transaction:
            _check_unseen(repository(transaction))
            await way(transaction)
            _check_seen(repository(transaction), model, name)
            await transaction.rollback()


def check_sync_repository(
    uow: TSyncUow,
    repository: Callable[[TSyncUow], SyncAbstractRepository[Any]],
    model: GenericModel[Any],
    *,
    add: Callable[[TSyncUow], object],
    load: Mapping[str, Callable[[TSyncUow], object]],
) -> None:
    """Check that a repository puts into `seen` what it adds and what it loads.

    As `check_async_repository`, for the sync door.
    """
    with uow as transaction:
        add(transaction)
        _check_seen(repository(transaction), model, "add")
        transaction.commit()
    for name, way in load.items():
        with uow as transaction:
            _check_unseen(repository(transaction))
            way(transaction)
            _check_seen(repository(transaction), model, name)
            transaction.rollback()


Repository = AsyncAbstractRepository[Any] | SyncAbstractRepository[Any]


def _check_seen(repository: Repository, model: GenericModel[Any], way: str) -> None:
    if model not in repository.seen:
        raise AssertionError(
            f"{type(repository).__qualname__}.{way} has not put {model!r} into `seen`; the bus "
            "collects messages of seen models alone: "
            f"append the model to self.seen in {way}, and see that it was there to be found."
        )


def _check_unseen(repository: Repository) -> None:
    if repository.seen:
        raise AssertionError(
            f"{type(repository).__qualname__} starts a transaction with {repository.seen!r} in "
            "`seen`; what an earlier transaction saw is none of this one's: "
            "keep the list in self.seen alone, which the bus empties."
        )
