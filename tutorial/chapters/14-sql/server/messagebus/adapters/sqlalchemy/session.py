"""Sessions: repositories `run` functions of a connection in their unit of work's transaction."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[[sa.Connection], T]


class AsyncSqlSession(ABC):
    """One transaction at a time; its first statement begins it."""

    async def run(
        self,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function(connection, …)` in this transaction."""
        return await self._run(lambda connection: function(connection, *args, **kwargs))

    @abstractmethod
    async def commit(self) -> None:
        """Commit the changes, and release the connection."""

    @abstractmethod
    async def rollback(self) -> None:
        """Undo the changes, and release the connection."""

    @abstractmethod
    async def _run(self, work: Work[T]) -> T:
        """Do the work on the transaction's connection, which the first work takes."""
