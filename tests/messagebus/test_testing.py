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


class Labelled(Book):
    labels: list[str]


class Rows:
    """Books as a database keeps them, but for one flaw."""

    def __init__(self) -> None:
        self.flaw = ""
        self.kept: dict[str, Book] = {}
        self.committed: dict[str, Book] = {}
        self.loaded: dict[str, Book] = {}

    def save(self, title: str, book: Book) -> None:
        shares = self.flaw == "add shares"
        self.kept[title] = book if shares else book.model_copy(deep=True)
        self.loaded[title] = book

    def load(self, title: str) -> Book:
        if self.flaw == "load shares":
            return self.kept[title]
        if title not in self.loaded or self.flaw == "loads twice":
            self.loaded[title] = self.kept[title].model_copy(deep=self.flaw != "shallow")
        return self.loaded[title]

    def end(self, committed: bool) -> None:
        if committed or self.flaw == "no rollback":
            self.committed = dict(self.kept)
        self.kept = dict(self.committed)
        if self.flaw != "never forgets":
            self.loaded.clear()


class AsyncBooks(AsyncAbstractRepository[Book]):
    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows()

    async def add(self, book: Book) -> None:
        self.rows.save("Emma", book)
        if self.rows.flaw != "add":
            self.seen.append(book)

    async def save(self, book: Book) -> None:
        if self.rows.flaw != "save":
            self.rows.save("Emma", book)

    async def by_title(self, title: str) -> Book:
        book = self.rows.load(title)
        if self.rows.flaw != "by_title":
            self.seen.append(book)
        return book


class SyncBooks(SyncAbstractRepository[Book]):
    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows()

    def add(self, book: Book) -> None:
        self.rows.save("Emma", book)
        if self.rows.flaw != "add":
            self.seen.append(book)

    def save(self, book: Book) -> None:
        if self.rows.flaw != "save":
            self.rows.save("Emma", book)

    def by_title(self, title: str) -> Book:
        book = self.rows.load(title)
        if self.rows.flaw != "by_title":
            self.seen.append(book)
        return book


class AsyncUow(AsyncAbstractUnitOfWork):
    def __init__(self, eventstore: AsyncInMemoryEventstoreRepository | None = None) -> None:
        self.books = AsyncBooks()
        self.eventstore = self.store = eventstore or AsyncInMemoryEventstoreRepository()

    async def commit(self) -> None:
        self.books.rows.end(committed=True)

    async def rollback(self) -> None:
        self.books.rows.end(committed=False)


class SyncUow(SyncAbstractUnitOfWork):
    def __init__(self, eventstore: SyncInMemoryEventstoreRepository | None = None) -> None:
        self.books = SyncBooks()
        self.eventstore = self.store = eventstore or SyncInMemoryEventstoreRepository()

    def commit(self) -> None:
        self.books.rows.end(committed=True)

    def rollback(self) -> None:
        self.books.rows.end(committed=False)


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


def changed(book: Book) -> Book:
    return book.model_copy(update={"title": "Emma, revised"})


async def check_async(uow: AsyncUow) -> None:
    book = Labelled(title="Emma", labels=["new"])
    await check_async_repository(
        uow,
        lambda uow: uow.books,
        book,
        add=lambda uow: uow.books.add(book),
        load={"by_title": lambda uow: uow.books.by_title("Emma")},
        save=lambda uow, book: uow.books.save(changed(book)),
    )
    assert book == Labelled(title="Emma", labels=["new"])


def check_sync(uow: SyncUow) -> None:
    book = Labelled(title="Emma", labels=["new"])
    check_sync_repository(
        uow,
        lambda uow: uow.books,
        book,
        add=lambda uow: uow.books.add(book),
        load={"by_title": lambda uow: uow.books.by_title("Emma")},
        save=lambda uow, book: uow.books.save(changed(book)),
    )
    assert book == Labelled(title="Emma", labels=["new"])


async def test_a_repository_as_strict_as_a_database_passes() -> None:
    await check_async(AsyncUow())
    check_sync(SyncUow())


@pytest.mark.parametrize(
    ("flaw", "message"),
    [
        ("add", r"add has not put .*append the model"),
        ("by_title", r"by_title has not put .*append the model"),
        ("add shares", r"by_title gave .* a change is lost unless it is saved .* keep copies"),
        ("load shares", r"add, by_title gave two models for one .* hand that out again"),
        ("shallow", r"by_title gave .*'new changed'.* a change is lost unless it is saved"),
        ("loads twice", r"add, by_title gave two models for one Labelled .* hand that out again"),
        ("no rollback", r"by_title found .* rolled back; a rollback undoes .* undo it"),
        ("never forgets", r"by_title found .* rolled back; a rollback undoes .* undo it"),
        ("save", r"by_title still gave .* after another one was saved .* write it in save"),
    ],
)
async def test_a_repository_with_a_flaw_is_told_the_method_the_rule_and_the_remedy(
    flaw: str, message: str
) -> None:
    async_uow, sync_uow = AsyncUow(), SyncUow()
    async_uow.books.rows.flaw = sync_uow.books.rows.flaw = flaw
    with pytest.raises(AssertionError, match=rf"AsyncBooks\.{message}"):
        await check_async(async_uow)
    with pytest.raises(AssertionError, match=rf"SyncBooks\.{message}"):
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
