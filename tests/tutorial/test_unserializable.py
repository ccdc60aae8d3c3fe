import pytest

from messagebus import AsyncMessageBus, Event, Field, Metadata, TransactionError
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


class CoverPhotographed(Event):
    picture: object = Field(...)
    metadata: Metadata = Metadata(name="cover", schema_version=1, published=True)


async def photograph(event: BookRegistered, uow: AbstractUnitOfWork) -> None:
    book = (await uow.books.by_id(event.id)).unwrap()
    book.messages.append(CoverPhotographed(picture=object()))


async def test_an_event_that_cannot_be_serialized_is_not_kept(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookRegistered, photograph)

    with pytest.raises(Exception, match="serialize") as raised:
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            await transaction.commit()

    assert (await uow.books.by_id(register_book_cmd.id)).is_err()
    assert isinstance(raised.value, TransactionError)
