import datetime
from collections.abc import Callable

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookReviewed
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork
from tests.service.conftest import review

Clock = Callable[[], datetime.date]
MAY_DAY = datetime.date(2026, 5, 1)


async def test_a_handler_is_told_the_day(reviewed_club: InMemoryUnitOfWork) -> None:
    diary: list[datetime.date] = []

    async def note(event: BookReviewed, uow: AbstractUnitOfWork, clock: Clock) -> None:
        diary.append(clock())

    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookReviewed, note)
    async with reviewed_club as transaction:
        await bus.handle(review("Bob", 6), transaction, clock=lambda: MAY_DAY)
        await transaction.commit()

    assert diary == [MAY_DAY]
