from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book
from reading_club.service.uow import AbstractUnitOfWork


async def test_a_registered_book_is_on_the_shelf(
    register_book_cmd: RegisterBook, uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with uow as transaction:
        operation = await bus.handle(register_book_cmd, transaction)
        assert operation.is_ok()
        book = await transaction.books.by_id(register_book_cmd.id)
        await transaction.commit()

    assert book.unwrap() == Book(
        id=uuidgen(1),
        isbn="0-321-12521-5",
        title="Domain Driven Design",
        author="Eric Evans",
    )
