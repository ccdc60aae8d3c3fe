"""The output of this bus in the situations of `bench.libraries`."""

import asyncio

import messagebus as mb
from bench.peers.situations import outcome_of, show


class Register(mb.Command[str]):
    title: str


class Unknown(mb.Command[str]):
    pass


class Registered(mb.Event):
    title: str


class Shelf(mb.AsyncAbstractUnitOfWork):
    def __init__(self) -> None:
        self.books = mb.AsyncAbstractRepository[mb.Model]()

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


heard: list[str] = []


async def register(command: Register, uow: Shelf) -> str:
    book = mb.Model()
    uow.books.seen.append(book)
    book.messages.append(Registered(title=command.title))
    if command.title == "fails":
        raise RuntimeError("the handler fails")
    return f"kept {command.title}"


async def other(command: Register, uow: Shelf) -> str:
    return "the other's answer"


async def listen(event: Registered, uow: Shelf) -> None:
    heard.append(event.title)
    if event.title == "listener":
        raise RuntimeError("the listener fails")


def make() -> mb.AsyncMessageBus:
    bus = mb.AsyncMessageBus()
    bus.add_listener(Register, register)
    bus.add_listener(Registered, listen)
    return bus


async def ask(bus: mb.AsyncMessageBus, command: mb.Command[str]) -> str:
    async with Shelf() as transaction:
        answer = await bus.handle(command, transaction)
        await transaction.commit()
    return answer


def main() -> None:
    bus = make()
    unknown = outcome_of(lambda: asyncio.run(ask(bus, Unknown())))
    twice = outcome_of(lambda: make().add_listener(Register, other))
    failed = outcome_of(lambda: asyncio.run(ask(bus, Register(title="fails"))))
    hearing = "heard" if "fails" in heard else "not heard"
    listener = outcome_of(lambda: asyncio.run(ask(bus, Register(title="listener"))))
    show(unknown, twice, f"{failed}; its event: {hearing}", listener)


main()
