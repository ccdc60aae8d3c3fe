from collections.abc import Sequence
from uuid import UUID

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.service.repositories import ReviewerRepositoryError, ReviewError
from tests.conftest import EventstreamTransport
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


async def test_a_review_is_counted_into_the_rating_of_its_book(
    reviewed_club: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with reviewed_club as transaction:
        await bus.handle(review("Bob", 6), transaction)
        await transaction.commit()

    assert await shelf(reviewed_club) == [(uuidgen(1), 2, 7.5)]


async def test_the_rating_is_kept_in_the_transaction_of_the_review(
    reviewed_club: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with reviewed_club as transaction:
        await bus.handle(review("Bob", 1), transaction)
        await transaction.rollback()

    assert await shelf(reviewed_club) == [(uuidgen(1), 1, 9.0)]


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (review("Ann", 1), ReviewError.already_reviewed),
        (review("Cid", 9), ReviewError.unknown_reviewer),
        (review("Bob", 9, isbn="978-0-13-235088-4"), ReviewError.unknown_book),
    ],
)
async def test_a_review_that_cannot_be_is_an_error_of_the_result(
    reviewed_club: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    refused: ReviewBook,
    error: ReviewError,
) -> None:
    async with reviewed_club as transaction:
        operation = await bus.handle(refused, transaction)
        await transaction.commit()

    assert operation.unwrap_err() is error
    assert await shelf(reviewed_club) == [(uuidgen(1), 1, 9.0)]


async def test_a_name_is_taken_once(
    reviewed_club: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with reviewed_club as transaction:
        operation = await bus.handle(RegisterReviewer(id=uuidgen(5), name="Ann"), transaction)
        await transaction.rollback()

    assert operation.unwrap_err() is ReviewerRepositoryError.integrity_error


async def test_the_stream_hears_of_reviewers_and_reviews(
    reviewed_club: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    assert [event["type"] for event in transport.events] == [
        "register_book_v1",
        "reviewer_registered_v1",
        "reviewer_registered_v1",
        "book_reviewed_v1",
    ]
