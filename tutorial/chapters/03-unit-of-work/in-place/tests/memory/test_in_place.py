from uuid import UUID

from lastuuid.dummies import uuidgen
from result import Err, Ok

from reading_club.domain.model import Book
from reading_club.service.repositories import BookRepositoryError, BookRepositoryResult
from tests.memory.books import InMemoryBookRepository
from tests.memory.uow import InMemoryUnitOfWork


class CopyingBookRepository(InMemoryBookRepository):
    async def by_id(self, id: UUID) -> BookRepositoryResult:
        if id not in self.rows:
            return Err(BookRepositoryError.not_found)
        book = self.rows[id].model_copy()
        self.seen.append(book)
        return Ok(book)


async def title_after_a_rollback(books: InMemoryBookRepository) -> str:
    ddd = Book(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="Evans")
    uow = InMemoryUnitOfWork()
    uow.books = books
    await books.add(ddd)
    async with uow as transaction:
        book = (await transaction.books.by_id(ddd.id)).unwrap()
        book.title = "Domain-Driven Desing"
        await transaction.rollback()
    return (await uow.books.by_id(ddd.id)).unwrap().title


async def test_a_change_in_place_outlives_the_rollback() -> None:
    assert await title_after_a_rollback(InMemoryBookRepository()) == "Domain-Driven Desing"


async def test_a_copy_takes_the_change_with_it() -> None:
    assert await title_after_a_rollback(CopyingBookRepository()) == "Domain Driven Design"
