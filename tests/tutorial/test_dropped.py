import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.domain.model import Book
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def donate(cmd: RegisterBook, uow: InMemoryUnitOfWork) -> None:
    """Past the bus, by somebody in a hurry."""
    book = Book(id=cmd.id, isbn=cmd.isbn, title=cmd.title, author=cmd.author)
    async with uow as transaction:
        await transaction.books.add(book)
        book.messages.append(BookRegistered(**book.model_dump()))
        await transaction.commit()


async def test_an_event_that_no_handler_heard_is_named(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    with pytest.warns(RuntimeWarning, match="were dropped .*: BookRegistered; send the command"):
        await donate(register_book_cmd, uow)


async def stumble(cmd: RegisterBook, uow: AbstractUnitOfWork) -> None:
    raise ZeroDivisionError


async def register_if_possible(cmd: RegisterBook, uow: InMemoryUnitOfWork) -> None:
    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, stumble)
    async with uow as transaction:
        with pytest.raises(ZeroDivisionError):
            await bus.handle(cmd, transaction)
        await transaction.commit()


async def test_an_order_whose_handler_failed_is_named_where_the_rest_is_kept(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    with pytest.warns(RuntimeWarning, match="were dropped .*: RegisterBook; send the command"):
        await register_if_possible(register_book_cmd, uow)
