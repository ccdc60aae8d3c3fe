import pytest
from lastuuid.dummies import uuidgen
from result import Ok

from reading_club.domain.model import Book
from reading_club.service.repositories import AbstractBookRepository, BookRepositoryError
from tests.memory.books import InMemoryBookRepository
from tests.memory.json_books import JsonBookRepository

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


@pytest.fixture(params=[InMemoryBookRepository, JsonBookRepository])
def books(request: pytest.FixtureRequest) -> AbstractBookRepository:
    repository: AbstractBookRepository = request.param()
    return repository


async def test_a_book_that_was_added_is_found(books: AbstractBookRepository) -> None:
    assert await books.add(DDD) == Ok(...)
    assert await books.by_id(DDD.id) == Ok(DDD)


async def test_a_book_is_added_once(books: AbstractBookRepository) -> None:
    await books.add(DDD)
    duplicate = DDD.model_copy(update={"id": uuidgen(2), "isbn": "9780321125217"})
    assert (await books.add(duplicate)).unwrap_err() is BookRepositoryError.integrity_error
    assert (await books.by_id(duplicate.id)).unwrap_err() is BookRepositoryError.not_found


async def test_an_added_or_found_book_is_seen(books: AbstractBookRepository) -> None:
    await books.add(DDD)
    await books.by_id(DDD.id)
    assert books.seen == [DDD, DDD]
