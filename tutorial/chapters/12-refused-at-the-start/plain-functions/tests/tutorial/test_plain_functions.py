from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork

SyncHandler = Callable[[BookRegistered, AbstractUnitOfWork], None]


def waiting_for_nothing(handler: SyncHandler) -> Callable[..., Coroutine[Any, Any, None]]:
    """Make a coroutine function of a plain one, and say so where it stands."""

    @wraps(handler)
    async def handle(event: BookRegistered, uow: AbstractUnitOfWork) -> None:
        handler(event, uow)

    return handle


async def test_a_plain_function_can_be_made_a_handler(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    titles: list[str] = []

    @waiting_for_nothing
    def note(event: BookRegistered, uow: AbstractUnitOfWork) -> None:
        titles.append(event.title)

    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookRegistered, note)
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert titles == ["Domain Driven Design"]
