"""A stream in two tables: the messages in order, and each consumer's position.

It is the default without a broker, and may share the outbox's database or have its own. A message
that is sent twice is stored once: its id is unique until the message is purged.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.encoding import ENVELOPE, encode_prefix
from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.rows import (
    aware,
    row_delivery,
    stream_message,
    stream_row,
)
from messagebus.adapters.sqlalchemy.stream_consumers import ConsumerPositions, check_consumer
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
    """A stream for any number of relays, and for one process per consumer's name."""

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
        self._consumers = ConsumerPositions(table.consumers)
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
        """Store the messages in one transaction; raise `StreamUnavailableError` if it fails.

        Raises `MessageRejectedError` for a message that one of the databases cannot store.
        """
        keeper = f"the table {self._table.fullname}"
        rows, rejection = encode_prefix(batch, partial(stream_row, self._table), keeper)
        if rows:
            await self._insert(rows)
        if rejection is not None:
            raise rejection
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
                f"the table {self._table.fullname} took none of {len(rows)} messages: {error}. "
                "The relay sends them again."
            ) from error

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver messages from the first unacknowledged one on, and wait for more.

        Raises `ConfigurationError` for a name of more than 255 characters, or one that is no text.
        """
        check_consumer(consumer)
        acknowledged = AcknowledgedPrefix[int](partial(self._store, consumer))
        position = await self._database.run(
            partial(self._consumers.reached, consumer), read_only=True
        )
        while True:
            rows = await self._database.run(partial(self._checked_rows, position), read_only=True)
            for row in rows:
                position = row[0]
                yield acknowledged.deliver(*row_delivery(row), position)
            if not rows:
                await asyncio.sleep(self._poll)

    async def register(self, consumer: str) -> None:
        """Keep every message, from now on, until this consumer has acknowledged it."""
        check_consumer(consumer)
        await self._database.run(partial(self._consumers.register, consumer))

    async def lag(self, consumer: str) -> int:
        """The number of messages that the consumer has not acknowledged; it counts the rows."""

        def count(connection: sa.Connection) -> int:
            behind = self._table.c.position > self._consumers.reached(consumer, connection)
            query = sa.select(sa.func.count()).select_from(self._table).where(behind)
            return connection.scalar(query) or 0

        return await self._database.run(count, read_only=True)

    async def oldest_age(self) -> timedelta | None:
        """The age of the oldest message; `None` for an empty table."""
        columns = self._table.c
        query = sa.select(columns.published_at).order_by(columns.position).limit(1)
        first = await self._database.run(lambda each: each.scalar(query), read_only=True)
        return None if first is None else datetime.now(UTC) - aware(first)

    async def behind(self, position: int) -> Sequence[tuple[int, StreamMessage]]:
        """The next messages behind a position, each with its own, for readers that store it.

        Raises `UndecodableMessageError` if the next row is no message; behind its position reading
        goes on. Raises `LostPositionError` if all rows have smaller positions.
        """

        def read(connection: sa.Connection) -> Sequence[tuple[int, StreamMessage]]:
            found: list[tuple[int, StreamMessage]] = []
            for row in self._checked_rows(position, connection):
                try:
                    found.append((row[0], stream_message(row)))
                except ValueError as error:
                    if found:
                        break
                    raise self._undecodable(row[0], error) from error
            return found

        return await self._database.run(read, read_only=True)

    async def skip(self, consumer: str, position: int) -> None:
        """Skip the undecodable row at a position, for a consumer that has stopped there.

        Raises `ConfigurationError` for any other row, and for one that can be decoded.
        """
        check_consumer(consumer)

        def skip(connection: sa.Connection) -> None:
            reached = self._consumers.reached(consumer, connection)
            row = next(iter(self._rows(connection, reached, 1)), None)
            if row is None or row[0] != position:
                raise ConfigurationError(
                    f"consumer {consumer!r} of the table {self._table.fullname} has acknowledged "
                    f"up to {reached}, and {position} is not the next row. Only the next row can "
                    "be skipped. Acknowledge the rows in front of it first."
                )
            with suppress(ValueError):
                stream_message(row)
                raise ConfigurationError(
                    f"the table {self._table.fullname} has a message at {position}. Only a row "
                    "that cannot be decoded can be skipped."
                )
            self._consumers.store(consumer, position, connection)

        await self._database.run(skip)

    async def begin_anew(self, consumer: str) -> None:
        """Delete a consumer's position: it begins at the first message that the table has now.

        Raises `ConfigurationError` if no such consumer has acknowledged a message.
        """
        check_consumer(consumer)
        if not await self._database.run(partial(self._consumers.forget, consumer)):
            raise ConfigurationError(
                f"there is no consumer {consumer!r} in the table "
                f"{self._consumers.table.fullname}. Use the name with which consume is called."
            )

    async def id_at(self, position: int) -> str | None:
        """The id of the message at a position; `None` if there is none, or if it was purged."""
        here = sa.select(self._table.c.id).where(self._table.c.position == position)
        return await self._database.run(lambda connection: connection.scalar(here), read_only=True)

    async def head(self) -> int:
        """The position of the last message; 0 if there is none."""
        return await self._database.run(
            lambda connection: connection.scalar(self._last) or 0, read_only=True
        )

    async def purge(self, retention: timedelta, limit: int = 1000) -> int:
        """Delete those of the first `limit` messages that are old and acknowledged.

        Returns how many. A message is old if it was published longer ago than `retention`, by the
        database's clock, and acknowledged if each consumer has acknowledged it. A consumer counts
        from `register` or its first acknowledgement until its row is deleted. Without consumers,
        and for readers that use `behind`, age alone decides: such a reader must not be away for
        longer.
        """

        def purge(connection: sa.Connection) -> int:
            before = backend_of(connection).before_now(retention)
            return connection.execute(self._old_rows(before, limit)).rowcount

        return await self._database.run(purge)

    async def _store(self, consumer: str, position: int) -> None:
        await self._database.run(partial(self._consumers.store, consumer, position))

    def _rows(self, connection: sa.Connection, position: int, limit: int) -> Sequence[sa.Row[Any]]:
        parameters = {"position": position, "limit": limit}
        return backend_of(connection).fetch(connection, self._behind_position, parameters)

    def _checked_rows(self, position: int, connection: sa.Connection) -> Sequence[sa.Row[Any]]:
        """The next rows behind a position; raise `LostPositionError` if all are in front of it."""
        rows = self._rows(connection, position, self._batch)
        # Positions only grow, and the oldest are purged first.
        if not rows and 0 < (last := connection.scalar(self._last) or 0) < position:
            raise LostPositionError(
                f"the table {self._table.fullname} ends at {last}, in front of position "
                f"{position}. It is another table, or an earlier copy. Restore the table, or "
                "call begin_anew to read it from its first row."
            )
        return rows

    def _old_rows(self, before: sa.ColumnElement[Any], limit: int) -> sa.Delete:
        """Delete the old and acknowledged of the first `limit` rows: there is no index by time."""
        columns = self._table.c
        first = (
            sa.select(columns.position, columns.published_at)
            .order_by(columns.position)
            .limit(limit)
            .subquery()
        )
        acknowledged = self._consumers.least
        old = sa.select(first.c.position).where(
            first.c.published_at < before,
            first.c.position <= sa.func.coalesce(acknowledged, first.c.position),
        )
        return sa.delete(self._table).where(columns.position.in_(old))

    def _undecodable(self, position: int, error: ValueError) -> UndecodableMessageError:
        return UndecodableMessageError(
            f"the table {self._table.fullname}, position {position}: the row is no message: "
            f"{error}. Consumers stay in front of it. Mend the row, or skip it by "
            f"skip(consumer, {position}).",
            self._table.fullname,
            position,
        )
