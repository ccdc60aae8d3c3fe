"""The books of a season: all of them on the shelf, or none."""

from collections.abc import Iterable

from result import Ok

from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryOperationResult
from reading_club.service.uow import AbstractUnitOfWork


async def shelve_season(
    season: Iterable[Book], uow: AbstractUnitOfWork
) -> BookRepositoryOperationResult:
    """Add every book; the first that is refused takes the others with it."""
    async with uow as transaction:
        for book in season:
            refused = await transaction.books.add(book)
            if refused.is_err():
                await transaction.rollback()
                return refused
        await transaction.commit()
    return Ok(...)
