"""The commit, then the stream, then the hooks; what is committed stays, and is sent in order."""

from typing import Any

import pytest

from messagebus import (
    Event,
    Metadata,
    PublicationError,
    TransactionError,
    TransactionStatus,
)
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Stream, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out


async def test_commit_comes_first_then_the_stream_then_the_hooks(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Register)
    async def register_and_mail(cmd: Register, uow: Uow, mailer: object) -> None:
        uow.books.add(cmd.title, Registered(title=cmd.title))

    async with variant.enter(uow) as transaction:
        command = Register(title="Emma")
        await variant.run(bus.handle(command, transaction, mailer=variant.make_mailer(script)))
        assert script.calls == []
        await variant.run(transaction.commit())
    assert script.calls == ["commit", "send Emma", "mailer after commit"]


async def test_the_stream_gets_what_is_published_and_nothing_else(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert [event["type"] for event in stream.events] == ["registered_v1"]


async def test_messages_are_sent_in_the_order_in_which_they_were_handled(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    await carry_out(variant, bus, uow, Register(title="Emma"), Register(title="Persuasion"))
    await carry_out(variant, bus, uow, Register(title="Sanditon"))
    assert stream.titles == ["Emma", "Persuasion", "Sanditon"]


async def test_an_exception_after_the_commit_neither_rolls_back_nor_loses_the_publication(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(register)
    with pytest.raises(ZeroDivisionError):
        async with variant.enter(uow) as transaction:
            await variant.run(bus.handle(Register(title="Emma"), transaction))
            await variant.run(transaction.commit())
            raise ZeroDivisionError
    assert script.calls == ["commit", "send Emma"]


async def test_a_commit_that_fails_is_rolled_back_and_nothing_is_sent(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(register)
    script.failing["commit"] = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        await carry_out(variant, bus, uow, Register(title="Emma"))
    assert script.calls == ["commit", "rollback"]
    del script.failing["commit"]
    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert script.calls[2:] == ["commit", "send Persuasion"]


async def test_a_transport_that_fails_on_a_message_keeps_it_and_all_behind_it_in_order(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, script: Script, on: Listen
) -> None:
    on(Register)(register)
    refused = ConnectionError("broker away")
    script.failing["send Persuasion"] = refused
    with pytest.raises(PublicationError, match="registered_v1") as caught:
        await carry_out(variant, bus, uow, *(Register(title=each) for each in NOVELS))
    assert caught.value.waiting == 2
    assert caught.value.__cause__ is refused
    assert stream.titles == ["Emma"]


async def test_unsent_messages_are_sent_before_newer_ones(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, script: Script, on: Listen
) -> None:
    on(Register)(register)
    script.failing["send Persuasion"] = ConnectionError("broker away")
    with pytest.raises(PublicationError):
        await carry_out(variant, bus, uow, *(Register(title=each) for each in NOVELS))
    with pytest.raises(PublicationError) as caught:
        await carry_out(variant, bus, uow, Register(title="Evelina"))
    assert caught.value.waiting == 3
    script.failing.clear()
    await carry_out(variant, bus, uow, Register(title="Cecilia"))
    assert stream.titles == [*NOVELS, "Evelina", "Cecilia"]


async def test_unsent_messages_can_be_sent_by_hand_between_transactions(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, script: Script, on: Listen
) -> None:
    on(Register)(register)
    script.failing["send Emma"] = ConnectionError("broker away")
    with pytest.raises(PublicationError):
        await carry_out(variant, bus, uow, Register(title="Emma"))
    script.failing.clear()
    await variant.run(uow.eventstore.publish_eventstream())
    assert stream.titles == ["Emma"]
    await variant.run(uow.eventstore.publish_eventstream())
    assert stream.titles == ["Emma"]


async def test_a_rolled_back_transaction_leaves_what_waits_alone(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, script: Script, on: Listen
) -> None:
    on(Register)(register)
    script.failing["send Emma"] = ConnectionError("broker away")
    with pytest.raises(PublicationError):
        await carry_out(variant, bus, uow, Register(title="Emma"))
    script.failing.clear()
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Persuasion"), transaction))
        await variant.run(transaction.rollback())
    await carry_out(variant, bus, uow, Register(title="Sanditon"))
    assert stream.titles == ["Emma", "Sanditon"]


async def test_a_failed_publication_does_not_uncommit(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(register)
    script.failing["send Emma"] = ConnectionError("broker away")
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        with pytest.raises(PublicationError):
            await variant.run(transaction.commit())
        assert transaction.status is TransactionStatus.committed
    assert script.calls == ["commit", "send Emma"]


class Poison(Event):
    title: str
    body: Any
    metadata: Metadata = Metadata(name="poison", schema_version=1, published=True)


@pytest.mark.parametrize(
    "body", [object(), float("nan"), [float("inf")], b"\xff", {"deep": {float("nan")}}, "\ud800"]
)
async def test_a_message_that_is_no_json_fails_the_transaction_before_its_commit(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, script: Script, on: Listen, body: object
) -> None:
    @on(Register)
    async def poison(cmd: Register, uow: Uow) -> None:
        uow.books.add(cmd.title, Poison(title=cmd.title, body=body))

    with pytest.raises(TransactionError, match="Poison cannot be serialised"):
        await carry_out(variant, bus, uow, Register(title="Emma"))
    assert script.calls == ["rollback"]
    await carry_out(variant, bus, uow, Registered(title="Persuasion"))
    assert stream.titles == ["Persuasion"]


async def test_an_unpublished_message_need_not_be_json(
    variant: Variant, bus: Bus, uow: Uow, script: Script
) -> None:
    class Inner(Event):
        body: Any

    await carry_out(variant, bus, uow, Inner(body=object()))
    assert script.calls == ["commit"]


NOVELS = ["Emma", "Persuasion", "Sanditon"]
