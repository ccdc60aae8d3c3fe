"""A club in which something has been read."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
async def reviewed_club(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> InMemoryUnitOfWork:
    """A club with a book, the reviewers Ann and Bob, and Ann's review."""
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await bus.handle(RegisterReviewer(id=uuidgen(2), name="Ann"), transaction)
        await bus.handle(RegisterReviewer(id=uuidgen(3), name="Bob"), transaction)
        await bus.handle(review("Ann", 9), transaction)
        await transaction.commit()
    return uow


def review(reviewer: str, rating: int, isbn: str = "9780321125217") -> ReviewBook:
    return ReviewBook(
        id=uuidgen(4), isbn=isbn, reviewer=reviewer, rating=rating, comment="A classic"
    )


async def shelf(uow: InMemoryUnitOfWork) -> Sequence[tuple[UUID, int, float | None]]:
    return [(book.id, book.reviews, book.rating) for book in await uow.catalogue.shelf()]
