from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookReviewed, RegisterReviewer
from reading_club.domain.model import Reviewer
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork

EVENT = BookReviewed(
    id=uuidgen(1), book_id=uuidgen(2), reviewer_id=uuidgen(3), rating=9, comment="Thanks!"
)


async def test_many_events_at_once_are_one_generation(uow: InMemoryUnitOfWork) -> None:
    heard: list[BookReviewed] = []

    async def read_everything(cmd: RegisterReviewer, uow: AbstractUnitOfWork) -> None:
        reviewer = Reviewer(id=cmd.id, name=cmd.name)
        await uow.reviewers.add(reviewer)
        reviewer.messages.extend([EVENT] * 5_000)

    async def hear(event: BookReviewed, uow: AbstractUnitOfWork) -> None:
        heard.append(event)

    bus = AsyncMessageBus()
    bus.add_listener(RegisterReviewer, read_everything)
    bus.add_listener(BookReviewed, hear)
    async with uow as transaction:
        await bus.handle(RegisterReviewer(id=uuidgen(3), name="Ada"), transaction)
        await transaction.rollback()

    assert len(heard) == 5_000
