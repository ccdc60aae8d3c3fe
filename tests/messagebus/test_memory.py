"""Nothing piles up over many units of work: objects are counted, not time."""

import gc
import weakref
from collections import Counter

from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Stream, Uow
from tests.messagebus.variants import Bus, Variant, carry_out

REPEATS = 200


def counted() -> Counter[str]:
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects())


async def test_memory_stays_flat_over_many_transactions(
    variant: Variant, uow: Uow, stream: Stream, script: Script
) -> None:
    async def register(cmd: Register, uow: Uow, mailer: object) -> None:
        uow.books.add(cmd.title, Registered(title=cmd.title))

    bus = variant.make_bus(mailer=lambda: variant.make_mailer(script))
    bus.add_listener(Register, variant.handler(register))

    async def repeat() -> None:
        for number in range(REPEATS):
            async with variant.enter(uow) as transaction:
                await variant.run(bus.handle(Register(title="Emma"), transaction))
                if number % 2:
                    await variant.run(transaction.commit())
                else:
                    await variant.run(transaction.rollback())
        stream.events.clear()
        script.calls.clear()
        uow.kept.kept.clear()

    await repeat()
    before = counted()
    await repeat()
    grown = {name: more for name, more in (counted() - before).items() if more >= REPEATS // 2}
    assert grown == {}


async def test_memory_stays_flat_over_many_units_of_work(
    variant: Variant, bus: Bus, stream: Stream, on: Listen
) -> None:
    @on(Register)
    async def register(cmd: Register, uow: Uow) -> None:
        uow.books.add(cmd.title, Registered(title=cmd.title))

    async def forget() -> weakref.ref[object]:
        uow = variant.make_uow(stream)
        await carry_out(variant, bus, uow, Register(title="Emma"))
        return weakref.ref(uow)

    forgotten = [await forget() for _ in range(REPEATS)]
    gc.collect()
    assert [each for each in forgotten if each() is not None] == []


async def test_a_closed_unit_of_work_holds_no_message(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    made: list[weakref.ref[object]] = []

    @on(Register)
    async def register(cmd: Register, uow: Uow) -> None:
        event = Registered(title=cmd.title)
        made.append(weakref.ref(event))
        uow.books.add(cmd.title, event)

    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(transaction.commit())
    uow.kept.kept.clear()
    gc.collect()
    assert [each() for each in made] == [None]
    assert transaction.books is uow.books
