from lastuuid.dummies import uuidgen
from result import Ok

from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryError
from reading_club.service.season import shelve_season
from tests.memory.uow import InMemoryUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")
CLEAN = Book(id=uuidgen(2), isbn="9780132350884", title="Clean Code", author="Robert C. Martin")


async def test_a_season_goes_on_the_shelf(uow: InMemoryUnitOfWork) -> None:
    assert await shelve_season([DDD, CLEAN], uow) == Ok(...)
    assert await uow.books.by_id(CLEAN.id) == Ok(CLEAN)


async def test_one_refused_book_takes_the_season_with_it(uow: InMemoryUnitOfWork) -> None:
    other = DDD.model_copy(update={"id": uuidgen(3), "isbn": "9780321125217"})
    refused = await shelve_season([CLEAN, DDD, other], uow)
    assert refused.unwrap_err() is BookRepositoryError.integrity_error
    assert (await uow.books.by_id(CLEAN.id)).is_err()
