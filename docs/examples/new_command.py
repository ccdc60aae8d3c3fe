"""A command more for the club: several reviewers, all of them or none."""

import asyncio
from uuid import UUID

from lastuuid import uuid7
from result import Err, Ok, Result

from messagebus import (
    AsyncMessageBus,
    AsyncSinkholeEventstreamTransport,
    Command,
    Event,
    Field,
    Metadata,
    async_listen,
)
from reading_club.domain.model import Reviewer
from reading_club.domain.results import ReviewerRepositoryError
from reading_club.domain.typed import NewName
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


class InviteReviewers(Command[Result[int, ReviewerRepositoryError]]):
    """Take in several reviewers; the answer says how many."""

    names: tuple[NewName, ...] = Field(...)
    metadata: Metadata = Metadata(name="invite_reviewers", schema_version=1)


class ReviewerInvited(Event):
    """A reviewer was taken in by an invitation."""

    id: UUID = Field(...)
    name: str = Field(...)
    metadata: Metadata = Metadata(
        name="reviewer_invited", schema_version=1, published=True
    )


@async_listen
async def invite_reviewers(
    cmd: InviteReviewers, uow: AbstractUnitOfWork
) -> Result[int, ReviewerRepositoryError]:
    """Add each reviewer; `integrity_error` at the first name that is taken."""
    for name in cmd.names:
        reviewer = Reviewer(id=uuid7(), name=name)
        added = await uow.reviewers.add(reviewer)
        if isinstance(added, Err):
            return added
        reviewer.messages.append(ReviewerInvited(id=reviewer.id, name=name))
    return Ok(len(cmd.names))


async def main() -> None:
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers", __name__)
    uow = InMemoryUnitOfWork(AsyncSinkholeEventstreamTransport())
    async with uow as transaction:
        invite = InviteReviewers(names=("Ada", "Grace"))
        print(await bus.handle(invite, transaction))
        await transaction.commit()
    async with uow as transaction:
        again = InviteReviewers(names=("Mary", "Ada"))
        print(await bus.handle(again, transaction))
        await transaction.rollback()


asyncio.run(main())
