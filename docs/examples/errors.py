"""Each error of the bus, raised for the reason that raises it: name one."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from docs.examples.shared import (
    BookRegistered,
    RegisterBook,
    Shelf,
    register,
)

from messagebus import (
    MessageBusError,
    SyncAbstractEventstreamTransport,
    SyncEventstreamPublisher,
    SyncMessageBus,
    SyncSinkholeEventstoreRepository,
)

EMMA = RegisterBook(title="Emma")


async def register_later(cmd: RegisterBook, uow: Shelf) -> str:
    return register(cmd, uow)


def configuration() -> None:
    SyncMessageBus().add_listener(RegisterBook, register_later)


def unhandled_command() -> None:
    with Shelf() as transaction:
        SyncMessageBus().handle(EMMA, transaction)


def register_and_tell(cmd: RegisterBook, uow: Shelf, mailer: object) -> str:
    return register(cmd, uow)


def missing_dependency() -> None:
    bus = SyncMessageBus()
    bus.add_listener(RegisterBook, register_and_tell)
    with Shelf() as transaction:
        bus.handle(EMMA, transaction)


def undecided() -> None:
    with Shelf():
        pass


def register_again(event: BookRegistered, uow: Shelf) -> None:
    register(RegisterBook(title=event.title), uow)


def message_loop() -> None:
    bus = SyncMessageBus()
    bus.add_listener(BookRegistered, register_again)
    with Shelf() as transaction:
        bus.handle(BookRegistered(title="Emma"), transaction)


class Away(SyncAbstractEventstreamTransport):
    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        raise ConnectionError("the broker is away")


def publication() -> None:
    bus = SyncMessageBus()
    bus.add_listener(RegisterBook, register)
    shelf = Shelf()
    publisher = SyncEventstreamPublisher(Away())
    shelf.eventstore = SyncSinkholeEventstoreRepository(publisher)
    with shelf as transaction:
        bus.handle(EMMA, transaction)
        transaction.commit()


REASONS: list[Callable[[], None]] = [
    configuration,
    unhandled_command,
    missing_dependency,
    undecided,
    message_loop,
    publication,
]

for reason in REASONS:
    if reason.__name__ in sys.argv[1:]:
        try:
            reason()
        except MessageBusError as error:
            print(f"{type(error).__name__}: {error}")
