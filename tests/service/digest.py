"""A dependency that writes to the members, and a handler that asks for it."""

from reading_club.domain.messages import BookReviewed
from reading_club.service.uow import AbstractUnitOfWork


class Digest:
    """One mail for all that was said, once it is true."""

    def __init__(self, sent: list[str]) -> None:
        self._sent = sent
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        self.lines.append(line)

    async def on_after_commit(self) -> None:
        self._sent.append(" and ".join(self.lines))


async def tell_members(event: BookReviewed, uow: AbstractUnitOfWork, digest: Digest) -> None:
    digest.note(f"{event.rating} stars")
