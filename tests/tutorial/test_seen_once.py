from collections.abc import Iterator

from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterReviewer
from reading_club.domain.model import Reviewer
from tests.memory.uow import InMemoryUnitOfWork


class CountedList(list[Reviewer]):
    """Counts how many models were looked at, one by one."""

    looked_at = 0

    def __iter__(self) -> Iterator[Reviewer]:
        for model in super().__iter__():
            self.looked_at += 1
            yield model


async def test_a_command_costs_the_same_however_many_came_before_it(
    uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    seen = CountedList()
    async with uow as transaction:
        transaction.reviewers.seen = seen
        for number in range(1, 101):
            name = f"Reader {number}"
            await bus.handle(RegisterReviewer(id=uuidgen(number), name=name), transaction)
        await transaction.commit()

    assert len(seen) == 100
    assert seen.looked_at <= 100
