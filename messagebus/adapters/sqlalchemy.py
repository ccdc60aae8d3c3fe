"""The event store as a table, written in the transaction that changes the models.

SQL blocks, so it runs on a thread of its own, and what costs is neither the SQL nor
SQLAlchemy but each hop to that thread and back. Hence `run`, which takes any number of
statements in one hop, and messages that are kept back and inserted together in the hop
that commits. After the transactional outbox.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import sqlalchemy as sa

from messagebus.adapters.thread import WorkerThread
from messagebus.errors import TransactionError
from messagebus.eventstore import AsyncAbstractEventstoreRepository
from messagebus.eventstream import AsyncEventstreamPublisher, MessageSerializer
from messagebus.messages import GenericCommand, Message
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

T = TypeVar("T")
P = ParamSpec("P")
ENVELOPE = ("id", "created_at", "type", "payload")
Row = tuple[str, bool, str, str, str, str]
PATIENCE = 10.0
"""Seconds that a unit of work waits for its turn."""


class EventstoreTable:
    """The table of messages in the application's own metadata: one row for each message."""

    def __init__(self, metadata: sa.MetaData, name: str = "eventstore") -> None:
        position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("position", position, primary_key=True),
            sa.Column("kind", sa.String(7), nullable=False),
            sa.Column("published", sa.Boolean, nullable=False),
            sa.Column("id", sa.String(36), nullable=False),
            sa.Column("created_at", sa.String(32), nullable=False),
            sa.Column("type", sa.String(255), nullable=False),
            sa.Column("payload", sa.Text, nullable=False),
            sqlite_autoincrement=True,
        )
        columns = self.table.c
        self._published = (
            sa.select(columns.position, *(columns[key] for key in ENVELOPE))
            .where(columns.published, columns.position > sa.bindparam("after"))
            .order_by(columns.position)
            .limit(sa.bindparam("limit"))
        )
        self._insert = ""

    def insert(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Insert the rows by the driver's own text, which saves a third of L over `execute`."""
        if not self._insert:
            names = ["kind", "published", *ENVELOPE]
            compiled = self.table.insert().compile(dialect=connection.dialect, column_keys=names)
            self._insert = str(compiled)
        connection.exec_driver_sql(self._insert, list(rows))

    def load(
        self, connection: sa.Connection, after: int, limit: int
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position, each with its own, in order."""
        found = connection.execute(self._published, {"after": after, "limit": limit})
        return [(position, dict(zip(ENVELOPE, each, strict=True))) for position, *each in found]


class SqlDatabase:
    """One database: a connection, the thread that it works on, and turns to use them.

    A second unit of work of this process waits for its turn on the loop, in order of
    arrival: on the thread it would keep the first one from committing. The connection stays
    open, since taking one from a pool for each transaction costs as much as its statements.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.thread = WorkerThread("sql")
        self.turn = asyncio.Lock()

    @cached_property
    def connection(self) -> sa.Connection:
        """The one connection, for the thread alone, opened when it first asks."""
        return self.engine.connect()

    async def create(self, metadata: sa.MetaData) -> None:
        """Make the tables that are missing."""
        await self.thread.hop(lambda: self._create(metadata))

    def close(self) -> None:
        """Let the thread end what it was given, and close the connection."""
        self.thread.close()
        if "connection" in vars(self):
            self.connection.close()
        self.engine.dispose()

    def _create(self, metadata: sa.MetaData) -> None:
        with self.connection.begin():
            metadata.create_all(self.connection)


class SqlSession:
    """A unit of work's way to its database: its turn, from the first `run` to the end."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._entered = False
        self._has_turn = False

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        self._entered = True

    async def run(
        self,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function(connection, …)` in this transaction, off the loop, in one hop."""
        if not self._entered:
            raise TransactionError(
                f"{function.__qualname__} asked for SQL outside of a running transaction, which "
                "nobody would end: run it within `async with`, before the commit."
            )
        if not self._has_turn:
            await self._take_turn()
        return await self._database.thread.hop(lambda: function(self._begin(), *args, **kwargs))

    async def commit(self, table: EventstoreTable, rows: Sequence[Row]) -> None:
        """Insert the rows and commit, in one hop that a cancellation does not split."""
        if rows and not self._has_turn:
            await self._take_turn()
        if self._has_turn:
            await self._database.thread.finish(lambda: self._commit(table, rows))
        self._end()

    async def rollback(self) -> None:
        """Undo what the transaction has done, if it did anything."""
        try:
            if self._has_turn:
                await self._database.thread.hop(lambda: self._database.connection.rollback())
        finally:
            self._end()

    async def _take_turn(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._database.turn.acquire()
        except TimeoutError as error:
            raise TransactionError(
                f"{self._database.engine.url.database} has been written to by another unit of work "
                f"of this process for {PATIENCE:.0f} s; one writes at a time: end that one first."
            ) from error
        self._has_turn = True

    def _end(self) -> None:
        self._entered = False
        if self._has_turn:
            self._has_turn = False
            self._database.turn.release()

    def _begin(self) -> sa.Connection:
        connection = self._database.connection
        if not connection.in_transaction():
            connection.begin()
        return connection

    def _commit(self, table: EventstoreTable, rows: Sequence[Row]) -> None:
        connection = self._begin()
        if rows:
            table.insert(connection, rows)
        connection.commit()


class SqlEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps every message as a row, in order, from the commit of its transaction on."""

    def __init__(
        self,
        session: SqlSession,
        table: EventstoreTable,
        publisher: AsyncEventstreamPublisher | None = None,
    ) -> None:
        super().__init__(publisher)
        self._session = session
        self._table = table
        self._rows: list[Row] = []
        self._serializer = publisher.serializer if publisher else MessageSerializer()

    async def _add(self, message: Message[Any]) -> None:
        try:
            envelope = self._serializer.serialize_message(message)
            id_, created_at, type_, payload = (envelope[key] for key in ENVELOPE)
        except Exception as error:
            raise TransactionError(
                f"{type(message).__qualname__} cannot be kept: {error}; the event store keeps "
                "messages as JSON: give its fields types that JSON can say."
            ) from error
        kind = "command" if isinstance(message, GenericCommand) else "event"
        published = message.metadata.published
        self._rows.append((kind, published, id_, created_at, type_, payload))

    async def published(
        self, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The envelopes behind a position, each with its own, in order of commit."""
        return await self._session.run(self._table.load, after, limit)

    async def commit(self) -> None:
        """Insert the transaction's messages and commit them with the models."""
        await self._session.commit(self._table, self._rows)
        self._rows = []

    async def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        self._rows = []
        await self._session.rollback()


class SqlUnitOfWork(AsyncAbstractUnitOfWork):
    """A unit of work on one database: set repositories that `run` their SQL by `session`."""

    def __init__(
        self,
        database: SqlDatabase,
        table: EventstoreTable,
        publisher: AsyncEventstreamPublisher | None = None,
    ) -> None:
        self.session = SqlSession(database)
        self.messages = SqlEventstoreRepository(self.session, table, publisher)
        self.eventstore = self.messages

    async def __aenter__(self) -> Self:
        transaction = await super().__aenter__()
        self.session.enter()
        return transaction

    async def commit(self) -> None:
        """Make the changes last, and with them the messages."""
        await self.messages.commit()

    async def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        await self.messages.rollback()
