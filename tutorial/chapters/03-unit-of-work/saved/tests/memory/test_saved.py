from lastuuid.dummies import uuidgen
from result import Err, Ok

from reading_club.domain.model import Book
from reading_club.service.repositories import BookRepositoryError, BookRepositoryOperationResult
from tests.memory.books import InMemoryBookRepository

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Desing", author="Eric Evans")


class SavingBookRepository(InMemoryBookRepository):
    async def save(self, model: Book) -> BookRepositoryOperationResult:
        if model.id not in self.rows.kept:
            return Err(BookRepositoryError.not_found)
        self.rows.save(model.id, model)
        self.seen.append(model)
        return Ok(...)


async def test_a_saved_change_lasts_once_it_is_committed() -> None:
    books = SavingBookRepository()
    await books.add(DDD.model_copy())
    books.rows.commit()
    for end in (books.rows.rollback, books.rows.commit):
        book = (await books.by_id(DDD.id)).unwrap()
        assert book.title == "Domain Driven Desing"
        book.title = "Domain Driven Design"
        await books.save(book)
        end()
    assert (await books.by_id(DDD.id)).unwrap().title == "Domain Driven Design"


async def test_a_book_that_was_never_added_cannot_be_saved() -> None:
    assert (await SavingBookRepository().save(DDD)).unwrap_err() is BookRepositoryError.not_found
