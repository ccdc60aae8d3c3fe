"""`messagebus.testing`: what an application's own tests may lean on."""

import os
import subprocess
import sys

import pytest

from messagebus import (
    AsyncAbstractRepository,
    AsyncAbstractUnitOfWork,
    AsyncMessageBus,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
    SyncMessageBus,
)
from messagebus.testing import (
    AsyncInMemoryEventstoreRepository,
    SyncInMemoryEventstoreRepository,
    check_async_repository,
    check_sync_repository,
)
from tests.messagebus.fakes import Book, Registered, Shelved, titles


class AsyncBooks(AsyncAbstractRepository[Book]):
    forgets: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Book] = {}

    async def add(self, book: Book) -> None:
        self.rows[book.title] = book
        if self.forgets != "add":
            self.seen.append(book)

    async def by_title(self, title: str) -> Book:
        if self.forgets != "by_title":
            self.seen.append(self.rows[title])
        return self.rows[title]


class SyncBooks(SyncAbstractRepository[Book]):
    forgets: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Book] = {}

    def add(self, book: Book) -> None:
        self.rows[book.title] = book
        if self.forgets != "add":
            self.seen.append(book)

    def by_title(self, title: str) -> Book:
        if self.forgets != "by_title":
            self.seen.append(self.rows[title])
        return self.rows[title]


class AsyncUow(AsyncAbstractUnitOfWork):
    def __init__(self, eventstore: AsyncInMemoryEventstoreRepository | None = None) -> None:
        self.books = AsyncBooks()
        self.eventstore = self.store = eventstore or AsyncInMemoryEventstoreRepository()

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class SyncUow(SyncAbstractUnitOfWork):
    def __init__(self, eventstore: SyncInMemoryEventstoreRepository | None = None) -> None:
        self.books = SyncBooks()
        self.eventstore = self.store = eventstore or SyncInMemoryEventstoreRepository()

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


async def test_an_event_store_in_memory_keeps_what_was_committed() -> None:
    uow, bus = AsyncUow(), AsyncMessageBus()
    async with uow as transaction:
        await bus.handle(Registered(title="Emma"), transaction)
        await bus.handle(Shelved(title="Emma"), transaction)
        assert uow.store.messages == []
        await transaction.commit()
    async with uow as transaction:
        await bus.handle(Registered(title="Persuasion"), transaction)
        await transaction.rollback()
    assert titles(uow.store.messages) == ["Registered Emma", "Shelved Emma"]


def test_a_blocking_event_store_in_memory_keeps_what_was_committed() -> None:
    uow, bus = SyncUow(), SyncMessageBus()
    with uow as transaction:
        bus.handle(Registered(title="Emma"), transaction)
        bus.handle(Shelved(title="Emma"), transaction)
        assert uow.store.messages == []
        transaction.commit()
    with uow as transaction:
        bus.handle(Registered(title="Persuasion"), transaction)
        transaction.rollback()
    assert titles(uow.store.messages) == ["Registered Emma", "Shelved Emma"]


async def check_async(uow: AsyncUow) -> None:
    book = Book(title="Emma")
    await check_async_repository(
        uow,
        lambda uow: uow.books,
        book,
        add=lambda uow: uow.books.add(book),
        load={"by_title": lambda uow: uow.books.by_title("Emma")},
    )


def check_sync(uow: SyncUow) -> None:
    book = Book(title="Emma")
    check_sync_repository(
        uow,
        lambda uow: uow.books,
        book,
        add=lambda uow: uow.books.add(book),
        load={"by_title": lambda uow: uow.books.by_title("Emma")},
    )


async def test_a_repository_that_sees_what_it_adds_and_loads_passes() -> None:
    await check_async(AsyncUow())
    check_sync(SyncUow())


@pytest.mark.parametrize("way", ["add", "by_title"])
async def test_a_repository_that_forgets_is_named_with_the_method_that_forgets(way: str) -> None:
    async_uow, sync_uow = AsyncUow(), SyncUow()
    async_uow.books.forgets = sync_uow.books.forgets = way
    with pytest.raises(AssertionError, match=rf"AsyncBooks\.{way} has not put .*append the model"):
        await check_async(async_uow)
    with pytest.raises(AssertionError, match=rf"SyncBooks\.{way} has not put .*append the model"):
        check_sync(sync_uow)


SAMPLE = """
import pytest
from messagebus import (
    AsyncAbstractUnitOfWork, AsyncMessageBus, Event, Metadata, SyncAbstractUnitOfWork,
    SyncMessageBus,
)

class Sold(Event):
    title: str
    metadata: Metadata = Metadata(name="sold", schema_version=1, published=True)

class AsyncShop(AsyncAbstractUnitOfWork):
    async def commit(self): ...
    async def rollback(self): ...

class SyncShop(SyncAbstractUnitOfWork):
    def commit(self): ...
    def rollback(self): ...

async def test_async(transport, eventstore):
    shop = AsyncShop()
    shop.eventstore = eventstore
    async with shop as transaction:
        await AsyncMessageBus().handle(Sold(title="Emma"), transaction)
        await transaction.commit()
    assert [event["type"] for event in transport.events] == ["sold_v1"]
    assert eventstore.messages == [Sold(title="Emma")]

def test_sync(sync_transport, sync_eventstore):
    shop = SyncShop()
    shop.eventstore = sync_eventstore
    with shop as transaction:
        SyncMessageBus().handle(Sold(title="Emma"), transaction)
        transaction.commit()
    assert [event["type"] for event in sync_transport.events] == ["sold_v1"]
    assert sync_eventstore.messages == [Sold(title="Emma")]
"""


def test_the_fixtures_are_there_for_who_asks_for_the_plugin(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "test_shop.py").write_text(SAMPLE, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "messagebus.testing",
        "-p",
        "pytest_asyncio.plugin",
    ]
    options = ["-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "--rootdir", str(folder)]
    run = subprocess.run(
        [*command, *options, str(folder)],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in run.stdout, run.stdout + run.stderr
