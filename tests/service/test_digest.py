import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookReviewed, RegisterReviewer
from tests.memory.uow import InMemoryUnitOfWork
from tests.service.conftest import review
from tests.service.digest import Digest, tell_members


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def bus(sent: list[str]) -> AsyncMessageBus:
    bus = AsyncMessageBus(digest=lambda: Digest(sent))
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookReviewed, tell_members)
    return bus


async def test_members_get_one_mail_for_all_that_was_committed(
    reviewed_club: InMemoryUnitOfWork, bus: AsyncMessageBus, sent: list[str]
) -> None:
    async with reviewed_club as transaction:
        await bus.handle(review("Bob", 6), transaction)
        await bus.handle(RegisterReviewer(id=uuidgen(5), name="Cid"), transaction)
        await bus.handle(review("Cid", 7), transaction)
        await transaction.commit()

    assert sent == ["9 stars", "6 stars and 7 stars"]


async def test_a_rolled_back_review_sends_no_mail(
    reviewed_club: InMemoryUnitOfWork, bus: AsyncMessageBus, sent: list[str]
) -> None:
    async with reviewed_club as transaction:
        await bus.handle(review("Bob", 6), transaction)
        await transaction.rollback()

    assert sent == ["9 stars"]
