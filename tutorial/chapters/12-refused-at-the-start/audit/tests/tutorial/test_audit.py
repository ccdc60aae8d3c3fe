from messagebus import AsyncMessageBus, Event
from reading_club.domain.messages import (
    BookRegistered,
    BookReviewed,
    RegisterBook,
    ReviewerRegistered,
)
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def test_a_diary_names_what_it_wants_to_hear(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    diary: list[Event] = []

    async def write_down(
        event: BookRegistered | ReviewerRegistered | BookReviewed, uow: AbstractUnitOfWork
    ) -> None:
        diary.append(event)

    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    for kind in (BookRegistered, ReviewerRegistered, BookReviewed):
        bus.add_listener(kind, write_down)
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert [type(event) for event in diary] == [BookRegistered]
