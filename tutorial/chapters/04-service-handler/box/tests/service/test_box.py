from lastuuid.dummies import uuidgen

from messagebus import Command, Field
from reading_club.domain.messages import RegisterBook
from reading_club.service.handlers.book import register_book
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


class RegisterBox(Command[int]):
    orders: tuple[RegisterBook, ...] = Field(...)


async def register_box(cmd: RegisterBox, uow: AbstractUnitOfWork) -> int:
    operations = [await register_book(order, uow) for order in cmd.orders]
    return sum(operation.is_ok() for operation in operations)


async def test_a_box_tells_how_many_of_its_books_were_new(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    clean_code = RegisterBook(
        id=uuidgen(2), isbn="9780132350884", title="Clean Code", author="Robert C. Martin"
    )
    box = RegisterBox(orders=(register_book_cmd, clean_code, register_book_cmd))

    async with uow as transaction:
        new = await register_box(box, transaction)
        await transaction.commit()

    assert new == 2
    assert (await uow.books.by_id(clean_code.id)).is_ok()
