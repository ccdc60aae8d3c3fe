"""A dependency that tells how a transaction ended, and a handler that asks for it."""

from messagebus import AsyncDependency
from reading_club.domain.messages import BookRegistered
from reading_club.service.uow import AbstractUnitOfWork


class Letters(AsyncDependency):
    """What the club writes to the donor of a book."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def on_after_commit(self) -> None:
        self.sent.append("your book is on the shelf")

    async def on_after_rollback(self) -> None:
        self.sent.append("we could not take your book")


async def thank_donor(event: BookRegistered, uow: AbstractUnitOfWork, letters: Letters) -> None:
    """Ask for the letters: their hooks do the rest, once it is decided."""
