"""The unit of work: one change, kept whole or not at all."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class AsyncAbstractUnitOfWork(ABC):
    """The base of an application's unit of work, whose attributes are its repositories."""

    @abstractmethod
    async def commit(self) -> None:
        """Make the changes last."""

    @abstractmethod
    async def rollback(self) -> None:
        """Undo the changes."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc is not None:
            await self.rollback()
