"""Registering reviewers."""

from messagebus import async_listen
from reading_club.domain.messages import RegisterReviewer, ReviewerRegistered
from reading_club.domain.model import Reviewer
from reading_club.service.repositories import ReviewerRepositoryOperationResult
from reading_club.service.uow import AbstractUnitOfWork


@async_listen
async def register_reviewer(
    cmd: RegisterReviewer, uow: AbstractUnitOfWork
) -> ReviewerRepositoryOperationResult:
    """Let somebody review books; `integrity_error` where the id or the name is taken."""
    reviewer = Reviewer(id=cmd.id, name=cmd.name)
    operation = await uow.reviewers.add(reviewer)
    if operation.is_ok():
        reviewer.messages.append(ReviewerRegistered(id=reviewer.id, name=reviewer.name))
    return operation
