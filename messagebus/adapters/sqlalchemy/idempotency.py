"""Idempotency keys and their responses in a table, written by the unit of work's transaction."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from messagebus.adapters.idempotency import (
    AsyncAbstractIdempotencyStore,
    IdempotencyKeyReusedError,
    Reservation,
    StoredResponse,
)
from messagebus.adapters.sqlalchemy.backends import Backend, backend_of
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession


class IdempotencyTable:
    """The table of keys in the application's own metadata, so that its migrations see it.

    A row without a status never outlives the transaction that inserted it.
    """

    def __init__(self, metadata: sa.MetaData, name: str = "idempotency_keys") -> None:
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("key", sa.String(255), primary_key=True),
            sa.Column("digest", sa.String(64), nullable=False),
            sa.Column("status", sa.SmallInteger),
            sa.Column("body", sa.Text),
            sa.Column(
                "asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
            ),
            sa.Column("media_type", sa.Text),
            sa.Column("etag", sa.Text),
            sa.Column("location", sa.Text),
        )
        key = self.table.c.key
        self._insert_of = cache(self._insert)
        self._by_key = sa.select(self.table).where(key == sa.bindparam("key"))
        self._update = (
            self.table.update()
            .where(key == sa.bindparam("reserved"))
            .values({name: sa.bindparam(name) for name in StoredResponse._fields})
        )

    def reserve(
        self, connection: sa.Connection, reservation: Reservation, response: StoredResponse | None
    ) -> StoredResponse | None:
        """Insert the key, or return the response that it has."""
        values: Mapping[str, Any] = (
            response._asdict() if response else dict.fromkeys(StoredResponse._fields)
        )
        insert = self._insert_of(backend_of(connection))
        if connection.execute(insert, {**reservation._asdict(), **values}).rowcount == 1:
            return None
        row = connection.execute(self._by_key, {"key": reservation.key}).mappings().one()
        if row["digest"] != reservation.digest:
            raise IdempotencyKeyReusedError(reservation.key)
        return StoredResponse(**{name: row[name] for name in StoredResponse._fields})

    def complete(
        self, connection: sa.Connection, reservation: Reservation, response: StoredResponse
    ) -> None:
        """Give a key its response."""
        connection.execute(self._update, {"reserved": reservation.key, **response._asdict()})

    def _insert(self, backend: Backend) -> sa.Insert:
        """An insert without an error for a known key, which would end a PostgreSQL transaction.

        The number of rows is preserved, because psycopg forgets it with its cursor.
        """
        insert = backend.insert(self.table).on_conflict_do_nothing(index_elements=["key"])
        return insert.execution_options(preserve_rowcount=True)


class AsyncSqlIdempotencyStore(AsyncAbstractIdempotencyStore):
    """Keys in an `IdempotencyTable`, on the connection of a unit of work's session."""

    def __init__(self, session: AsyncSqlSession, table: IdempotencyTable) -> None:
        self._session = session
        self._table = table

    async def reserve(
        self, reservation: Reservation, response: StoredResponse | None = None
    ) -> StoredResponse | None:
        """Reserve a key; return the response that it already has."""
        return await self._session.run(self._table.reserve, reservation, response)

    async def complete(self, reservation: Reservation, response: StoredResponse) -> None:
        """Keep the response of a key that this transaction has reserved."""
        await self._session.run(self._table.complete, reservation, response)
