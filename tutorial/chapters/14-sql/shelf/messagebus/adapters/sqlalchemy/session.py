"""Sessions: repositories `run` functions of a connection in their unit of work's transaction."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
P = ParamSpec("P")


class AsyncSqlSession:
    """One transaction at a time; its first statement begins it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None

    async def run(
        self,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function(connection, …)` in this transaction."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return function(self._connection, *args, **kwargs)

    async def commit(self) -> None:
        """Make the changes last."""
        self._end()

    async def rollback(self) -> None:
        """Undo the changes."""
        self._end()

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
