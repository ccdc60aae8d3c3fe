"""Where the application's models are kept, as ports: the service knows no storage.

What a repository adds, loads or saves it also puts into `seen`, where the bus collects messages.
"""

from abc import abstractmethod
from uuid import UUID

from messagebus import AsyncAbstractRepository
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.domain.results import ‹Aggregate›RepositoryOperationResult, ‹Aggregate›RepositoryResult


class Abstract‹Aggregate›Repository(AsyncAbstractRepository[‹Aggregate›]):
    """The ‹words›."""

    @abstractmethod
    async def add(self, model: ‹Aggregate›) -> ‹Aggregate›RepositoryOperationResult:
        """Keep ‹a_word›; `integrity_error` if the id or the name is taken."""

    @abstractmethod
    async def by_id(self, id: UUID) -> ‹Aggregate›RepositoryResult:
        """The ‹word› of that id, or `not_found`."""

    @abstractmethod
    async def by_name(self, name: str) -> ‹Aggregate›RepositoryResult:
        """The ‹word› of that name, or `not_found`."""

    @abstractmethod
    async def save(self, model: ‹Aggregate›) -> ‹Aggregate›RepositoryOperationResult:
        """Keep ‹a_word› in place of the version before, and count its version up.

        `concurrency_error` if another version is kept, `integrity_error` if the name is taken.
        """
