from uuid import UUID

import pytest
from lastuuid.dummies import uuidgen
from result import Err, Ok

from reading_club.domain.model import Book
from reading_club.service.repositories import (
    AbstractBookRepository,
    BookRepositoryError,
    BookRepositoryResult,
)
from tests.memory.books import InMemoryBookRepository

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


class ForgetfulBookRepository(InMemoryBookRepository):
    async def by_id(self, id: UUID) -> BookRepositoryResult:
        return Ok(self.rows[id]) if id in self.rows else Err(BookRepositoryError.not_found)


async def check_seen(books: AbstractBookRepository) -> None:
    """What any repository of books owes to the port."""
    await books.add(DDD)
    assert DDD in books.seen, f"{type(books).__name__}.add forgets what it adds"
    books.seen.clear()
    await books.by_id(DDD.id)
    assert DDD in books.seen, f"{type(books).__name__}.by_id forgets what it loads"


async def test_our_repository_remembers() -> None:
    await check_seen(InMemoryBookRepository())


async def test_a_repository_that_forgets_is_named() -> None:
    with pytest.raises(AssertionError, match="by_id forgets"):
        await check_seen(ForgetfulBookRepository())
