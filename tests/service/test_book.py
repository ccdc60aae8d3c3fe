from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.domain.model import Book
from reading_club.service.handlers.book import register_book
from reading_club.service.repositories import BookRepositoryError
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork

DDD = Book(
    id=uuidgen(1),
    isbn="0-321-12521-5",
    title="Domain Driven Design",
    author="Eric Evans",
)


async def test_the_handler_puts_the_book_on_the_shelf_and_says_so(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    await register_book(register_book_cmd, uow)

    book = (await uow.books.by_id(DDD.id)).unwrap()
    assert book == DDD
    assert book.messages == [BookRegistered(**DDD.model_dump())]


async def test_a_registered_book_is_told_to_the_stream(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    async with uow as transaction:
        operation = await bus.handle(register_book_cmd, transaction)
        assert operation.is_ok()
        await transaction.commit()

    assert [(event["type"], event["payload"]) for event in transport.events] == [
        (
            "register_book_v1",
            f'{{"id": "{DDD.id}", "isbn": "0-321-12521-5", '
            '"title": "Domain Driven Design", "author": "Eric Evans"}',
        )
    ]


async def test_a_book_that_is_not_committed_is_neither_kept_nor_told(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.rollback()

    assert (await uow.books.by_id(DDD.id)).is_err()
    assert transport.events == []


async def test_a_known_book_is_an_error_of_the_result_and_no_news(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    as_isbn_13 = RegisterBook(
        id=uuidgen(2), isbn="9780321125217", title="Domain Driven Design", author="Eric Evans"
    )
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        operation = await bus.handle(as_isbn_13, transaction)
        await transaction.commit()

    assert operation.unwrap_err() is BookRepositoryError.integrity_error
    assert len(transport.events) == 1
