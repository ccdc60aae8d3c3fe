"""A stream in two tables: the messages in order, and how far each consumer has come.

The default where there is no broker. It may share the outbox's database, or have one of its own.
A message that is sent twice is kept once: its id is unique, as long as it has not been purged.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.encoding import ENVELOPE, encode_prefix
from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.rows import flaw_of, stream_message, stream_row
from messagebus.adapters.sqlalchemy.tables import StreamTable
from messagebus.errors import ConfigurationError, TransactionError
from messagebus.relay.stream import (
    AcknowledgedPrefix,
    AsyncAbstractStream,
    Delivery,
    LostPositionError,
    StreamMessage,
    StreamUnavailableError,
    UndecodableMessageError,
)


class AsyncSqlStream(AsyncAbstractStream):
    """A stream that any number of relays may write, and one process for each consumer's name."""

    def __init__(
        self,
        database: AsyncSqlDatabase,
        table: StreamTable,
        *,
        batch: int = 100,
        poll: float = 0.05,
    ) -> None:
        """Read `batch` messages at once, and look for new ones every `poll` seconds."""
        self._database = database
        self._table = table.table
        self._consumers = table.consumers
        self._batch = batch
        self._poll = poll
        columns = table.table.c
        self._last = sa.select(sa.func.max(columns.position))
        self._behind_position = (
            sa.select(columns.position, columns.headers, *(columns[name] for name in ENVELOPE))
            .where(columns.position > sa.bindparam("position"))
            .order_by(columns.position)
            .limit(sa.bindparam("limit"))
        )

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Keep the messages in one transaction; raise `StreamUnavailableError` where it fails.

        A message that the table can never keep is a `MessageRejectedError`, on each database alike.
        """
        keeper = f"the table {self._table.fullname}"
        rows, refusal = encode_prefix(batch, partial(stream_row, self._table), keeper)
        if rows:
            await self._insert(rows)
        if refusal is not None:
            raise refusal
        return len(rows)

    async def _insert(self, rows: Sequence[Mapping[str, str]]) -> None:
        def insert(connection: sa.Connection) -> None:
            backend = backend_of(connection)
            backend.lock_appends(connection, self._table)
            statement = backend.insert(self._table)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]), rows)

        try:
            await self._database.run(insert)
        except (DBAPIError, TransactionError) as error:
            raise StreamUnavailableError(
                f"the table {self._table.fullname} took none of {len(rows)} messages: {error}; "
                "they wait, and are sent again."
            ) from error

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver from the oldest that this consumer has not acknowledged, and wait for more.

        Raises `ConfigurationError` for a name of more than 255 characters, or one that is no text.
        """
        self._check_name(consumer)
        acknowledged = AcknowledgedPrefix[int](lambda position: self._store(consumer, position))
        position = await self._database.run(
            lambda connection: self._reached(connection, consumer), read_only=True
        )
        while True:
            rows = await self.behind(position)
            for position, message in rows:
                yield acknowledged.deliver(message, position)
            if not rows:
                await asyncio.sleep(self._poll)

    async def behind(self, position: int) -> Sequence[tuple[int, StreamMessage]]:
        """The next messages behind a position, each with its own; for who remembers it himself.

        Raises `UndecodableMessageError` where the very next row is no message: behind its position
        it goes on. Raises `LostPositionError` where all rows have smaller positions.
        """

        def read(connection: sa.Connection) -> Sequence[tuple[int, StreamMessage]]:
            found: list[tuple[int, StreamMessage]] = []
            for row in self._rows(connection, position, self._batch):
                try:
                    found.append((row[0], stream_message(row)))
                except ValueError as error:
                    if found:
                        break
                    raise self._undecodable(row[0], error) from error
            # Positions only grow, and the oldest are purged first.
            if not found and 0 < (last := connection.scalar(self._last) or 0) < position:
                raise LostPositionError(
                    f"the table {self._table.fullname} ends at {last}, in front of position "
                    f"{position}: it is another one, or an earlier copy. Restore the table, or "
                    "call begin_anew to read it from its first row."
                )
            return found

        return await self._database.run(read, read_only=True)

    async def skip(self, consumer: str, position: int) -> None:
        """Pass over the row at a position that cannot be decoded, for a consumer that stands there.

        Raises `ConfigurationError` for any other row, and for one that can be decoded.
        """

        self._check_name(consumer)

        def skip(connection: sa.Connection) -> None:
            reached = self._reached(connection, consumer)
            row = next(iter(self._rows(connection, reached, 1)), None)
            if row is None or row[0] != position:
                raise ConfigurationError(
                    f"consumer {consumer!r} of the table {self._table.fullname} has acknowledged "
                    f"up to {reached}, and {position} is not the next row. Skip the row at which "
                    "it stopped, after it has acknowledged the others."
                )
            with suppress(ValueError):
                stream_message(row)
                raise ConfigurationError(
                    f"the table {self._table.fullname} has a message at {position}: only a row "
                    "that cannot be decoded is skipped."
                )
            self._keep(connection, consumer, position)

        await self._database.run(skip)

    async def begin_anew(self, consumer: str) -> None:
        """Forget a consumer's position: it begins at the first message that the table has now.

        Raises `ConfigurationError` where no such consumer has acknowledged anything.
        """
        self._check_name(consumer)
        forget = sa.delete(self._consumers).where(self._consumers.c.consumer == consumer)
        if not await self._database.run(lambda connection: connection.execute(forget).rowcount):
            raise ConfigurationError(
                f"there is no consumer {consumer!r} in the table {self._consumers.fullname}. Write "
                "the name with which consume is called."
            )

    async def id_at(self, position: int) -> str | None:
        """The id of the message at a position; `None` where none is, or where it was purged."""
        here = sa.select(self._table.c.id).where(self._table.c.position == position)
        return await self._database.run(lambda connection: connection.scalar(here), read_only=True)

    async def head(self) -> int:
        """The position of the last message; 0 where there is none."""
        return await self._database.run(
            lambda connection: connection.scalar(self._last) or 0, read_only=True
        )

    async def purge(self, retention: timedelta, limit: int = 1000) -> int:
        """Delete at most `limit` messages that have been here longer and are acknowledged.

        Returns how many. Of the first `limit` it deletes those that were published longer ago than
        `retention`, by the database's clock, and that every consumer has acknowledged. A consumer
        is known from its first acknowledgement on, until its row is deleted; where there is none,
        and for who reads by `behind`, the time alone decides: no reader may be away for longer.
        """

        def purge(connection: sa.Connection) -> int:
            before = backend_of(connection).before_now(retention)
            return connection.execute(self._old_rows(before, limit)).rowcount

        return await self._database.run(purge)

    def _check_name(self, consumer: str) -> None:
        if flaw := flaw_of(consumer, 255):
            raise ConfigurationError(
                f"{consumer!r} cannot name a consumer: the name {flaw}. Its position is a row "
                "under that name. Choose a name that fits."
            )

    async def _store(self, consumer: str, position: int) -> None:
        await self._database.run(lambda connection: self._keep(connection, consumer, position))

    def _keep(self, connection: sa.Connection, consumer: str, position: int) -> None:
        statement = backend_of(connection).insert(self._consumers)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["consumer"], set_={"position": statement.excluded.position}
            ),
            {"consumer": consumer, "position": position},
        )

    def _reached(self, connection: sa.Connection, consumer: str) -> int:
        consumers = self._consumers.c
        query = sa.select(consumers.position).where(consumers.consumer == consumer)
        return connection.scalar(query) or 0

    def _rows(self, connection: sa.Connection, position: int, limit: int) -> Sequence[sa.Row[Any]]:
        parameters = {"position": position, "limit": limit}
        return backend_of(connection).fetch(connection, self._behind_position, parameters)

    def _old_rows(self, before: sa.ColumnElement[Any], limit: int) -> sa.Delete:
        """Delete the old and acknowledged of the first `limit` rows: there is no index by time."""
        columns = self._table.c
        first = (
            sa.select(columns.position, columns.published_at)
            .order_by(columns.position)
            .limit(limit)
            .subquery()
        )
        acknowledged = sa.select(sa.func.min(self._consumers.c.position)).scalar_subquery()
        old = sa.select(first.c.position).where(
            first.c.published_at < before,
            first.c.position <= sa.func.coalesce(acknowledged, first.c.position),
        )
        return sa.delete(self._table).where(columns.position.in_(old))

    def _undecodable(self, position: int, error: ValueError) -> UndecodableMessageError:
        return UndecodableMessageError(
            f"the table {self._table.fullname}, position {position}: the row is no message: "
            f"{error}. A consumer stays in front of it. Mend the row, or pass over it by "
            f"skip(consumer, {position}).",
            self._table.fullname,
            position,
        )
