"""What a repository has seen: found wherever it is kept, asked once, or refused with a remedy."""

from collections.abc import Callable
from functools import cached_property
from types import new_class
from typing import Any

import pytest

from messagebus import (
    AsyncAbstractRepository,
    AsyncAbstractUnitOfWork,
    AsyncMessageBus,
    ConfigurationError,
    Event,
    SyncAbstractRepository,
    TransactionError,
)
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Book, Register, Registered, Shelved, Stream, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out


class Books(AsyncAbstractRepository[Book]):
    async def add(self, title: str) -> None:
        book = Book(title=title)
        book.messages.append(Shelved(title=title))
        self.seen.append(book)


class Kept(AsyncAbstractUnitOfWork):
    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class AsAttribute(Kept):
    def __init__(self) -> None:
        self.books = Books()


class InSlots(Kept):
    __slots__ = ("books",)

    def __init__(self) -> None:
        self.books = Books()


class Cached(Kept):
    @cached_property
    def books(self) -> Books:
        return Books()


class CachedAndUsedWithin(Cached):
    async def add(self, title: str) -> None:
        await self.books.add(title)


class AsProperty(Kept):
    def __init__(self) -> None:
        self._repositories = {"books": Books()}

    @property
    def books(self) -> Books:
        return self._repositories["books"]


class InDict(Kept):
    def __init__(self) -> None:
        self.repositories = {"books": Books()}


class Drawer:
    def __init__(self) -> None:
        self.books = Books()


class InAnotherObject(Kept):
    def __init__(self) -> None:
        self.drawer = Drawer()


@pytest.fixture
def shelved() -> list[str]:
    return []


@pytest.fixture
def listening(shelved: list[str]) -> AsyncMessageBus:
    async def note(event: Shelved, uow: Any) -> None:
        shelved.append(event.title)

    bus = AsyncMessageBus()
    bus.add_listener(Shelved, note)
    return bus


@pytest.mark.parametrize("kind", [AsAttribute, InSlots, Cached, AsProperty])
async def test_a_repository_is_found_wherever_the_unit_of_work_keeps_it(
    kind: type[Any], listening: AsyncMessageBus, shelved: list[str]
) -> None:
    async def add(command: Register, uow: Any) -> None:
        await uow.books.add(command.title)

    listening.add_listener(Register, add)
    uow = kind()
    for title in ("Emma", "Persuasion"):
        async with uow as transaction:
            await listening.handle(Register(title=title), transaction)
            assert len(transaction.books.seen) == 1
            await transaction.commit()
    assert shelved == ["Emma", "Persuasion"]


async def test_a_repository_made_within_the_unit_of_work_is_found(
    listening: AsyncMessageBus, shelved: list[str]
) -> None:
    async def add(command: Register, uow: CachedAndUsedWithin) -> None:
        await uow.add(command.title)

    listening.add_listener(Register, add)
    async with CachedAndUsedWithin() as transaction:
        await listening.handle(Register(title="Emma"), transaction)
        await transaction.commit()
    assert shelved == ["Emma"]


PLACES: dict[type[Kept], Callable[[Any], Books]] = {
    InDict: lambda uow: uow.repositories["books"],
    InAnotherObject: lambda uow: uow.drawer.books,
}


@pytest.mark.parametrize("kind", PLACES)
async def test_a_repository_in_a_dict_or_in_another_object_is_refused_with_the_right_place(
    kind: type[Any], listening: AsyncMessageBus
) -> None:
    async def add(command: Register, uow: Any) -> None:
        await PLACES[kind](uow).add(command.title)

    async def handle() -> None:
        async with kind() as transaction:
            await listening.handle(Register(title="Emma"), transaction)

    listening.add_listener(Register, add)
    rule = f"Books is used by a handler, but is no attribute of {kind.__name__}; .*as an attribute"
    with pytest.raises(ConfigurationError, match=rule):
        await handle()


def test_a_repository_alone_sees_too() -> None:
    class Alone(SyncAbstractRepository[Book]):
        pass

    alone = Alone()
    alone.seen.append(Book(title="Emma"))
    assert alone.seen == [Book(title="Emma")]


def test_a_seen_of_its_own_is_refused_where_the_class_is_made() -> None:
    with pytest.raises(ConfigurationError, match=r"Hidden has a `seen` of its own.*leave it out"):
        new_class("Hidden", (AsyncAbstractRepository,), exec_body=lambda body: body.update(seen=()))


async def test_a_list_called_seen_without_the_base_class_is_refused(
    variant: Variant, uow: Uow
) -> None:
    class Stranger:
        def __init__(self) -> None:
            self.seen: list[Book] = []

    strange: Any = uow
    strange.films = Stranger()
    with pytest.raises(ConfigurationError, match=r"Stranger, which has a list `seen`.*derive it"):
        async with variant.enter(uow):
            pass
    del strange.films
    async with variant.enter(uow) as transaction:
        await variant.run(transaction.rollback())


async def test_two_running_units_of_work_cannot_share_a_repository(
    variant: Variant, stream: Stream, bus: Bus, on: Listen
) -> None:
    on(Register)(register)
    first: Any = variant.make_uow(stream)
    second: Any = variant.make_uow(stream)
    second.books = first.books
    async with variant.enter(first) as transaction:
        with pytest.raises(TransactionError, match="in another unit of work's running"):
            async with variant.enter(second):
                pass
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(transaction.commit())
    await carry_out(variant, bus, second, Register(title="Persuasion"))
    assert stream.titles == ["Emma", "Persuasion"]


async def test_a_non_model_in_seen_is_refused(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    @on(Register)
    async def put(cmd: Register, uow: Any) -> None:
        uow.books.seen.append(cmd)

    with pytest.raises(ConfigurationError, match="into `seen`, which is no model"):
        await carry_out(variant, bus, uow, Register(title="Emma"))


async def test_a_message_raised_late_on_a_model_seen_early_is_taken(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)

    @on(Shelved)
    async def raise_late(event: Shelved, uow: Uow) -> None:
        uow.books.rows["Emma"].messages.append(Registered(title=f"late {event.title}"))

    async with variant.enter(uow) as transaction:
        for title in ("Emma", "Persuasion"):
            await variant.run(bus.handle(Register(title=title), transaction))
        for title in ("1", "2"):
            await variant.run(bus.handle(Shelved(title=title), transaction))
        await variant.run(transaction.commit())
    assert stream.titles == ["Emma", "Persuasion", "late 1", "late 2"]


async def test_a_model_put_into_an_emptied_list_is_seen(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    def raised(title: str) -> Book:
        book = Book(title=title)
        book.messages.append(Registered(title=title))
        return book

    @on(Register)
    async def put(cmd: Register, uow: Uow) -> None:
        uow.books.seen.append(raised(cmd.title))

    @on(Shelved)
    async def clear(event: Shelved, uow: Uow) -> None:
        uow.books.seen.clear()

    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(bus.handle(Shelved(title="Emma"), transaction))
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(transaction.commit())
    assert stream.titles == ["Emma", "Emma"]


async def test_an_event_s_handler_that_returns_messages_is_refused(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    @on(Shelved)
    async def answer(event: Shelved, uow: Uow) -> list[Event]:
        return [Registered(title=event.title)]

    with pytest.raises(ConfigurationError, match=r"answer returned Registered; .*append it"):
        await carry_out(variant, bus, uow, Shelved(title="Emma"))
