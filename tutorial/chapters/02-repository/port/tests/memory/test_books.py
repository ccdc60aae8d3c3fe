from typing import Any

import pytest
from lastuuid.dummies import uuidgen
from result import Ok

from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryError
from tests.memory.books import InMemoryBookRepository

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


@pytest.fixture
def books() -> InMemoryBookRepository:
    return InMemoryBookRepository()


async def test_a_book_that_was_added_is_found(books: InMemoryBookRepository) -> None:
    assert await books.add(DDD) == Ok(...)
    assert await books.by_id(DDD.id) == Ok(DDD)


async def test_a_book_that_was_never_added_is_not_found(books: InMemoryBookRepository) -> None:
    assert (await books.by_id(DDD.id)).unwrap_err() is BookRepositoryError.not_found


@pytest.mark.parametrize(
    "other",
    [{"isbn": "9780132350884"}, {"id": uuidgen(2), "isbn": "9780321125217"}],
    ids=["same id", "same ISBN, typed otherwise"],
)
async def test_a_book_is_added_once(books: InMemoryBookRepository, other: dict[str, Any]) -> None:
    await books.add(DDD)
    refused = await books.add(DDD.model_copy(update=other))
    assert refused.unwrap_err() is BookRepositoryError.integrity_error
