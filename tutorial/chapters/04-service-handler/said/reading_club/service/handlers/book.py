"""Registering books."""

from result import Ok

from reading_club.domain.messages import RegisterBook
from reading_club.service.repositories import BookRepositoryOperationResult
from reading_club.service.uow import AbstractUnitOfWork


async def register_book(
    cmd: RegisterBook, uow: AbstractUnitOfWork
) -> BookRepositoryOperationResult:
    """Put the book on the shelf."""
    return Ok(...)
