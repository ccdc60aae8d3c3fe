"""Commands of one transaction that are handled at once: each event has its own command as cause."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

import pytest

from messagebus import (
    AsyncAbstractEventstoreRepository,
    AsyncAbstractRepository,
    AsyncAbstractUnitOfWork,
    AsyncMessageBus,
    Command,
    Event,
    Message,
    Model,
)
from messagebus.observers import Observer, Trail

NUMBERS = range(10)


class Do(Command[int]):
    number: int


class Done(Event):
    number: int


class Thing(Model):
    number: int


class Journal(AsyncAbstractEventstoreRepository):
    """Keeps the numbers of the messages, and which one each event came of."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Message[Any]] = []
        self.by: dict[UUID, Message[Any]] = {}

    async def _add(self, message: Message[Any]) -> None:
        self.kept.append(message)

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        self.by.update({each.message_id: by for each in messages})

    @property
    def causes(self) -> list[tuple[int, int]]:
        events = [each for each in self.kept if isinstance(each, Done)]
        commands = [self.by[each.message_id] for each in events]
        return sorted(
            (event.number, command.number)
            for event, command in zip(events, commands, strict=True)
            if isinstance(command, Do)
        )


class Things(AsyncAbstractRepository[Thing]):
    """One thing that all handlers share, if they want to."""

    def __init__(self) -> None:
        self.shared = Thing(number=0)

    def new(self, number: int) -> Thing:
        self.seen.append(thing := Thing(number=number))
        return thing

    def one(self, _number: int) -> Thing:
        self.seen.append(self.shared)
        return self.shared


class Uow(AsyncAbstractUnitOfWork):
    def __init__(self) -> None:
        self.things = Things()
        self.eventstore = self.journal = Journal()

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


async def pause(number: int) -> None:
    for _ in range(number % 4):
        await asyncio.sleep(0)


async def append(command: Do, uow: Uow) -> int:
    thing = uow.things.new(command.number)
    await pause(command.number)
    thing.messages.append(Done(number=command.number))
    await pause(3 - command.number % 4)
    return command.number


async def share(command: Do, uow: Uow) -> int:
    thing = uow.things.one(command.number)
    await pause(command.number)
    thing.messages.append(Done(number=command.number))
    await pause(7 - command.number)
    return command.number


async def extend(command: Do, uow: Uow) -> int:
    thing = uow.things.one(command.number)
    thing.messages.extend([Done(number=command.number)])
    await pause(7 - command.number)
    return command.number


async def insert(command: Do, uow: Uow) -> int:
    thing = uow.things.one(command.number)
    thing.messages.insert(0, Done(number=command.number))
    await pause(7 - command.number)
    return command.number


async def hold(command: Do, uow: Uow) -> int:
    messages = uow.things.new(command.number).messages
    await pause(command.number)
    messages.append(Done(number=command.number))
    return command.number


async def listen(event: Done, uow: Uow) -> None:
    await pause(event.number)


class Watching(Observer):
    """Stands around each handler, and knows what the message came of."""

    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> AbstractContextManager[object]:
        assert trail.message_id == str(message.message_id)
        return nullcontext()


HANDLERS = [append, share, extend, insert, hold]
BUSES: Sequence[Callable[[], AsyncMessageBus]] = [
    AsyncMessageBus,
    lambda: AsyncMessageBus().observe(Watching()),
]


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.__name__)
@pytest.mark.parametrize("make_bus", BUSES, ids=["plain", "observed"])
async def test_gathered_commands_have_their_own_events_each_once(
    handler: Callable[[Do, Uow], Any], make_bus: Callable[[], AsyncMessageBus]
) -> None:
    bus, uow = make_bus(), Uow()
    bus.add_listener(Do, handler)
    bus.add_listener(Done, listen)
    async with uow as transaction:
        numbers = await asyncio.gather(
            *(bus.handle(Do(number=number), transaction) for number in NUMBERS)
        )
        await transaction.commit()
    assert numbers == [*NUMBERS]
    assert uow.journal.causes == [(number, number) for number in NUMBERS]


@pytest.mark.parametrize("make_bus", BUSES, ids=["plain", "observed"])
async def test_a_handler_that_handles_another_command_keeps_its_own_events(
    make_bus: Callable[[], AsyncMessageBus],
) -> None:
    bus, uow = make_bus(), Uow()

    async def nest(command: Do, uow: Uow) -> int:
        thing = uow.things.one(command.number)
        thing.messages.append(Done(number=command.number))
        if command.number < 3:
            await bus.handle(Do(number=command.number + 1), uow)
        thing.messages.append(Done(number=command.number))
        return command.number

    bus.add_listener(Do, nest)
    async with uow as transaction:
        await bus.handle(Do(number=1), transaction)
        await transaction.commit()
    assert uow.journal.causes == [(1, 1), (1, 1), (2, 2), (2, 2), (3, 3), (3, 3)]


async def test_a_task_that_outlives_its_command_raises_for_the_next_one() -> None:
    bus, uow = AsyncMessageBus(), Uow()
    late = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def raise_late(thing: Thing, number: int) -> None:
        await late.wait()
        thing.messages.append(Done(number=number))

    async def start(command: Do, uow: Uow) -> int:
        if not tasks:
            tasks.append(asyncio.create_task(raise_late(uow.things.new(7), 7)))
        return command.number

    bus.add_listener(Do, start)
    async with uow as transaction:
        await bus.handle(Do(number=1), transaction)
        late.set()
        await tasks[0]
        await bus.handle(Do(number=2), transaction)
        await transaction.commit()
    assert uow.journal.causes == [(7, 2)]


async def test_the_events_of_a_command_that_failed_are_handled_with_the_next_one() -> None:
    bus, uow = AsyncMessageBus(), Uow()

    async def fail_first(command: Do, uow: Uow) -> int:
        if command.number == 1:
            uow.things.new(1).messages.append(Done(number=1))
            raise LookupError(command.number)
        return command.number

    async def fail_and_go_on() -> None:
        async with uow as transaction:
            with pytest.raises(LookupError):
                await bus.handle(Do(number=1), transaction)
            await bus.handle(Do(number=2), transaction)
            await transaction.commit()

    bus.add_listener(Do, fail_first)
    with pytest.warns(RuntimeWarning, match="1 message.s. were dropped"):
        await fail_and_go_on()
    assert uow.journal.causes == [(1, 2)]
