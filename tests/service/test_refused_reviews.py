import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import ReviewBook
from reading_club.service.repositories import ReviewError
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork
from tests.service.conftest import review, shelf


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


async def test_the_stream_hears_of_reviewers_and_reviews(
    reviewed_club: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    assert [event["type"] for event in transport.events] == [
        "register_book_v1",
        "reviewer_registered_v1",
        "reviewer_registered_v1",
        "book_reviewed_v1",
    ]
