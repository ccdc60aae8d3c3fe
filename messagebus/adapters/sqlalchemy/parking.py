"""Rows that wait in the order of their stream key: the outbox's, and those that an inbox holds.

A dead letter parks the rows of its key that are behind it, until it is replayed or purged.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.rows import escaped
from messagebus.relay.outbox import AsyncAbstractDeadLetters, DeadLetter

CHUNK = 1000


class ParkingRows:
    """The conditions and statements of such a table.

    `waits` is the condition of a row that is not done. `blocks`, of another row's columns, is the
    condition of a row that parks those behind it with the same `stream_key`. Both are about the
    rows that meet `own`, which has the columns as its argument.
    """

    def __init__(
        self,
        table: sa.Table,
        waits: sa.ColumnElement[bool],
        blocks: Callable[[Any], sa.ColumnElement[bool]],
        own: Callable[[Any], sa.ColumnElement[bool]] = lambda columns: sa.true(),
    ) -> None:
        self.table = table
        columns = table.c
        self.own = own(columns)
        self.alive = sa.and_(self.own, waits, columns.refused_at.is_(None))
        self.dead = sa.and_(self.own, columns.refused_at.is_not(None))
        first = table.alias("first")
        self.parked = sa.exists().where(
            first.c.stream_key == columns.stream_key,
            own(first.c),
            blocks(first.c),
            first.c.position < columns.position,
        )

    def count(self, connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
        """The number of rows that meet all conditions."""
        count = sa.select(sa.func.count()).select_from(self.table)
        return connection.scalar(count.where(*conditions)) or 0

    def dead_at(self, positions: Sequence[int] | None) -> sa.ColumnElement[bool]:
        """The condition of the dead letters at these positions, or of all."""
        if positions is None:
            return self.dead
        return sa.and_(self.dead, self.table.c.position.in_(positions))


class SqlDeadLetters(AsyncAbstractDeadLetters, ABC):
    """The dead letters of such a table, which an outbox and an inbox share."""

    def __init__(self, database: AsyncSqlDatabase, rows: ParkingRows) -> None:
        self.database = database
        self.rows = rows

    @abstractmethod
    def read_dead_letter(self, row: Sequence[Any]) -> DeadLetter:
        """The dead letter in a row of the table."""

    @abstractmethod
    def purging(self, dead: sa.ColumnElement[bool]) -> sa.Delete | sa.Update:
        """The statement by which dead letters are purged."""

    def replayed(self) -> Mapping[str, Any]:
        """The values of a row that waits again."""
        return {"refused_at": None, "refusal": None}

    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key until a replay or a purge.

        Characters of the reason that a database cannot store are escaped: it is a broker's text.
        """
        table = self.rows.table
        reject = (
            sa.update(table)
            .where(table.c.position == position, self.rows.alive)
            .values(refused_at=sa.func.now(), refusal=escaped(reason))
        )
        await self.change(reject)

    async def dead_letters(self, after: int = 0, limit: int = CHUNK) -> Sequence[DeadLetter]:
        """The dead letters behind a position, in order."""
        position = self.rows.table.c.position
        query = sa.select(self.rows.table).where(self.rows.dead, position > after)
        query = query.order_by(position).limit(limit)

        def read(connection: sa.Connection) -> Sequence[DeadLetter]:
            found = backend_of(connection).fetch(connection, query)
            return [self.read_dead_letter(row) for row in found]

        return await self.database.run(read, read_only=True)

    async def replay_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Let these dead letters, or all, wait again, and the messages parked behind them."""
        chosen = self.rows.dead_at(positions)
        return await self._repair(sa.update(self.rows.table).where(chosen).values(self.replayed()))

    async def purge_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Delete these dead letters, or all; the messages parked behind them wait no longer."""
        return await self._repair(self.purging(self.rows.dead_at(positions)))

    async def change(self, statement: sa.Update | sa.Delete) -> int:
        """Execute a statement of the process that leads; return the number of rows."""
        return await self._repair(statement)

    async def _repair(self, statement: sa.Update | sa.Delete) -> int:
        return await self.database.run(lambda connection: connection.execute(statement).rowcount)
