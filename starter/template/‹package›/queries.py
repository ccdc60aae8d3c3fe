"""What people read of the application without changing it, as a port beside the unit of work."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from ‹package›.domain.model import ‹Aggregate›


class AbstractQueries(ABC):
    """Reads of ‹words›. Any number may run at once, each on its own."""

    @abstractmethod
    async def ‹aggregates›_page(self, after: UUID | None, limit: int) -> Sequence[‹Aggregate›]:
        """The ‹words› behind one, in order of their ids, or the first of all."""

    async def ‹aggregates›(self) -> AsyncGenerator[‹Aggregate›, None]:
        """All ‹words› in order of their ids, read 500 at a time."""
        after: UUID | None = None
        while page := await self.‹aggregates›_page(after, 500):
            for each in page:
                yield each
            after = page[-1].id

    @abstractmethod
    async def ‹aggregate›(self, id: UUID) -> ‹Aggregate› | None:
        """One ‹word›."""
