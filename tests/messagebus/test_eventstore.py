"""An event store keeps each message of a transaction, and buffers what is published."""

from collections.abc import Sequence
from typing import Any

import pytest

from messagebus import (
    AsyncAbstractEventstoreRepository,
    AsyncAbstractUnitOfWork,
    AsyncEventstreamPublisher,
    AsyncSinkholeEventstoreRepository,
    Message,
    SyncAbstractEventstoreRepository,
    SyncAbstractUnitOfWork,
    SyncEventstreamPublisher,
    SyncSinkholeEventstoreRepository,
    TransactionError,
)
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import (
    AsyncStream,
    AsyncUow,
    Register,
    Registered,
    Shelved,
    Stream,
    SyncStream,
    Uow,
    register,
    titles,
)
from tests.messagebus.variants import AsyncVariant, Bus, Variant, carry_out


class BareAsyncUow(AsyncAbstractUnitOfWork):
    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class BareSyncUow(SyncAbstractUnitOfWork):
    def commit(self) -> None: ...

    def rollback(self) -> None: ...


def bare(variant: Variant) -> Any:
    return BareAsyncUow() if isinstance(variant, AsyncVariant) else BareSyncUow()


def sinkhole(uow: Uow) -> None:
    """Give the unit of work a sinkhole that publishes to its stream."""
    publisher: Any = uow.kept.publisher
    if isinstance(uow, AsyncUow):
        uow.eventstore = AsyncSinkholeEventstoreRepository(publisher=publisher)
    else:
        uow.eventstore = SyncSinkholeEventstoreRepository(publisher=publisher)


async def test_an_event_store_keeps_messages_in_the_order_of_handling(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    await carry_out(variant, bus, uow, Register(title="Emma"), Shelved(title="Emma"))
    assert titles(uow.kept.kept) == ["Register Emma", "Registered Emma", "Shelved Emma"]


async def test_a_sinkhole_with_a_publisher_still_publishes(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    sinkhole(uow)
    await carry_out(variant, bus, uow, Register(title="Emma"))
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Persuasion"), transaction))
        await variant.run(transaction.rollback())
    assert stream.titles == ["Emma"]


async def test_a_published_command_is_published_too(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    class RegisterInPublic(Register):
        metadata = Registered.metadata.model_copy(update={"name": "register"})

    @on(RegisterInPublic)
    async def answer(cmd: RegisterInPublic, uow: Uow) -> str:
        return cmd.title

    await carry_out(variant, bus, uow, RegisterInPublic(title="Emma"))
    assert [event["type"] for event in stream.events] == ["register_v1"]


async def test_without_an_event_store_of_its_own_each_unit_of_work_gets_a_sinkhole(
    variant: Variant, bus: Bus
) -> None:
    first, second = bare(variant), bare(variant)
    assert first.eventstore is first.eventstore
    assert first.eventstore is not second.eventstore
    await carry_out(variant, bus, first, Registered(title="Emma"))


async def test_a_store_without_a_publisher_publishes_nothing(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream
) -> None:
    uow.eventstore.publisher = None
    await carry_out(variant, bus, uow, Registered(title="Emma"))
    await variant.run(uow.eventstore.publish_eventstream())
    assert stream.titles == []


async def test_a_message_added_by_hand_waits_for_the_commit(
    variant: Variant, uow: Uow, stream: Stream
) -> None:
    async with variant.enter(uow) as transaction:
        await variant.run(transaction.eventstore.add(Registered(title="Emma")))
        await variant.run(transaction.eventstore.publish_eventstream())
        assert stream.titles == []
        await variant.run(transaction.commit())
    assert stream.titles == ["Emma"]


async def test_a_message_added_by_hand_is_dropped_by_a_rollback(
    variant: Variant, uow: Uow, stream: Stream
) -> None:
    async with variant.enter(uow) as transaction:
        await variant.run(transaction.eventstore.add(Registered(title="Emma")))
        await variant.run(transaction.rollback())
    await variant.run(uow.eventstore.publish_eventstream())
    assert stream.titles == []


async def test_an_event_store_that_fails_fails_the_transaction(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream
) -> None:
    class Full(list[Message[Any]]):
        def append(self, message: Message[Any]) -> None:
            raise OSError("disk full")

    uow.kept.kept = Full()
    with pytest.raises(OSError, match="disk full"):
        await carry_out(variant, bus, uow, Registered(title="Emma"))
    uow.kept.kept = []
    await carry_out(variant, bus, uow, Registered(title="Persuasion"))
    assert stream.titles == ["Persuasion"]


async def test_a_subclass_of_the_sinkhole_that_keeps_messages_is_asked(
    variant: Variant, bus: Bus, uow: Uow
) -> None:
    class AsyncList(AsyncSinkholeEventstoreRepository):
        async def _add(self, message: Message[Any]) -> None:
            kept.append(message)

    class SyncList(SyncSinkholeEventstoreRepository):
        def _add(self, message: Message[Any]) -> None:
            kept.append(message)

    kept: list[Message[Any]] = []
    vars(uow)["eventstore"] = AsyncList() if isinstance(uow, AsyncUow) else SyncList()
    await carry_out(variant, bus, uow, Shelved(title="Emma"))
    assert titles(kept) == ["Shelved Emma"]


@pytest.mark.parametrize(
    "port", [AsyncAbstractEventstoreRepository, SyncAbstractEventstoreRepository]
)
def test_a_store_must_say_how_it_keeps_a_message(port: Any) -> None:
    with pytest.raises(TypeError, match="_add"):
        port()


def test_a_publisher_is_given_by_its_name(stream: Stream) -> None:
    made: AsyncSinkholeEventstoreRepository | SyncSinkholeEventstoreRepository
    match stream:
        case AsyncStream():
            made = AsyncSinkholeEventstoreRepository(publisher=AsyncEventstreamPublisher(stream))
        case SyncStream():
            made = SyncSinkholeEventstoreRepository(publisher=SyncEventstreamPublisher(stream))
        case _:
            raise AssertionError(stream)
    assert made.publisher is not None
    assert made.publisher.transport is stream


async def test_an_event_store_hears_which_message_caused_which(
    variant: Variant, bus: Bus, uow: Uow, on: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[list[str]] = []

    def caused(messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        heard.append(titles([by, *messages]))

    async def shelve(event: Registered, uow: Uow) -> None:
        uow.books.add(event.title, Shelved(title=event.title), Shelved(title="Emma II"))

    monkeypatch.setattr(uow.kept, "caused", caused)
    on(Register)(register)
    on(Registered)(shelve)
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert heard == [
        ["Register Emma", "Registered Emma"],
        ["Registered Emma", "Shelved Emma", "Shelved Emma II"],
    ]


async def test_two_messages_under_one_id_are_refused_and_neither_is_kept(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream
) -> None:
    first = Registered(title="Emma")
    copy = first.model_copy(update={"title": "Persuasion"})
    with pytest.raises(TransactionError, match=rf"Registered and Registered .*{first.message_id}"):
        await carry_out(variant, bus, uow, first, copy)
    assert (uow.kept.kept[1:], stream.events) == ([], [])
    await carry_out(variant, bus, uow, first)
    await carry_out(variant, bus, uow, copy)
    assert stream.titles == ["Emma", "Persuasion"]


async def test_a_sinkhole_refuses_two_published_messages_under_one_id(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream
) -> None:
    sinkhole(uow)
    first = Registered(title="Emma")
    with pytest.raises(TransactionError, match="one message_id"):
        await carry_out(variant, bus, uow, first, first.model_copy())
    assert stream.events == []


async def test_an_unpublished_copy_that_a_sinkhole_forgets_is_handled(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    sinkhole(uow)
    order = Register(title="Emma")
    await carry_out(variant, bus, uow, order, order.model_copy(update={"title": "Persuasion"}))


async def test_a_message_raised_twice_is_published_under_one_id(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream
) -> None:
    first = Registered(title="Emma")
    await carry_out(variant, bus, uow, first, first)
    assert {event["id"] for event in stream.events} == {str(first.message_id)}
