import pytest

from messagebus import AsyncMessageBus, MissingDependencyError
from reading_club.domain.messages import BookReviewed
from tests.memory.uow import InMemoryUnitOfWork
from tests.service.conftest import review, shelf
from tests.service.digest import Digest, tell_members


@pytest.fixture
def telling_bus() -> AsyncMessageBus:
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookReviewed, tell_members)
    return bus


async def test_a_handler_is_given_what_it_asks_for(
    reviewed_club: InMemoryUnitOfWork, telling_bus: AsyncMessageBus
) -> None:
    digest = Digest([])
    async with reviewed_club as transaction:
        await telling_bus.handle(review("Bob", 6), transaction, digest=digest)
        await transaction.commit()

    assert digest.lines == ["6 stars"]


async def test_a_missing_dependency_is_named_before_any_handler_runs(
    reviewed_club: InMemoryUnitOfWork, telling_bus: AsyncMessageBus
) -> None:
    async with reviewed_club as transaction:
        with pytest.raises(MissingDependencyError, match="tell_members asks for 'digest'"):
            await telling_bus.handle(review("Bob", 6), transaction)
        shown = await shelf(reviewed_club)
        await transaction.rollback()

    assert [reviews for _, reviews, _ in shown] == [1]
