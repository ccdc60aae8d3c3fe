"""A command more for the club: reviewers who change their name."""

import asyncio
from uuid import UUID, uuid4

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
from reading_club.domain.messages import RegisterReviewer
from reading_club.domain.results import ReviewerRepositoryError
from reading_club.domain.text import Name
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


class RenameReviewer(Command[Result[UUID, ReviewerRepositoryError]]):
    """Let a reviewer go by another name."""

    name: Name = Field(...)
    new_name: Name = Field(...)
    metadata: Metadata = Metadata(name="rename_reviewer", schema_version=1)


class ReviewerRenamed(Event):
    """A reviewer goes by another name."""

    id: UUID = Field(...)
    name: str = Field(...)
    metadata: Metadata = Metadata(
        name="reviewer_renamed", schema_version=1, published=True
    )


@async_listen
async def rename_reviewer(
    cmd: RenameReviewer, uow: AbstractUnitOfWork
) -> Result[UUID, ReviewerRepositoryError]:
    """Change the name; `not_found` where nobody has the old one."""
    found = await uow.reviewers.by_name(cmd.name)
    if isinstance(found, Err):
        return found
    reviewer = found.ok_value
    reviewer.name = cmd.new_name
    reviewer.messages.append(
        ReviewerRenamed(id=reviewer.id, name=reviewer.name)
    )
    return Ok(reviewer.id)


async def main() -> None:
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers", __name__)
    async with InMemoryUnitOfWork(
        AsyncSinkholeEventstreamTransport()
    ) as transaction:
        await bus.handle(RegisterReviewer(id=uuid4(), name="Ada"), transaction)
        rename = RenameReviewer(name="Ada", new_name="Ada Lovelace")
        print((await bus.handle(rename, transaction)).is_ok())
        print(await bus.handle(rename, transaction))
        await transaction.commit()


asyncio.run(main())
