"""The event store as a table, written in the transaction that changes the models.

SQL blocks, so it runs on a thread of its own, and what costs is neither the SQL nor
SQLAlchemy but each hop to that thread and back . Hence
`run`, which takes any number of statements in one hop, and messages that are kept back
and inserted together in the hop that commits. After the transactional outbox.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

from messagebus.adapters.thread import WorkerThread
from messagebus.errors import TransactionError
from messagebus.eventstore import AsyncAbstractEventstoreRepository
from messagebus.eventstream import AsyncEventstreamPublisher, MessageSerializer
from messagebus.messages import GenericCommand, Message
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

T = TypeVar("T")
P = ParamSpec("P")

ENVELOPE = ("id", "created_at", "type", "payload")

PATIENCE = 10.0
"""How many seconds a unit of work waits for its turn to write."""


def eventstore_table(metadata: sa.MetaData, name: str = "eventstore") -> sa.Table:
    """Define the table in the application's own metadata: one row for each message."""
    return sa.Table(
        name,
        metadata,
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


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


def open_sqlite(path: str) -> SqlDatabase:
    """Open an SQLite file, or make it: WAL, foreign keys on, transactions that may write."""
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=path),
        connect_args={"isolation_level": None, "timeout": PATIENCE},
        pool_reset_on_return=None,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return SqlDatabase(engine)


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

    async def commit(self, rows: Sequence[Mapping[str, Any]], insert: sa.Insert) -> None:
        """Insert the rows and commit, in one hop that a cancellation does not split."""
        if rows and not self._has_turn:
            await self._take_turn()
        if self._has_turn:
            hop = self._database.thread.hop(lambda: self._commit(rows, insert))
            try:
                await hop
            except asyncio.CancelledError:
                hop.result()
                _cancel_again()
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
            async with asyncio.timeout(PATIENCE if self._database.turn.locked() else None):
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

    def _commit(self, rows: Sequence[Mapping[str, Any]], insert: sa.Insert) -> None:
        connection = self._begin()
        if rows:
            connection.execute(insert, rows)
        connection.commit()


def _cancel_again() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
        task.cancel()


class SqlEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps every message as a row, in order, from the commit of its transaction on."""

    def __init__(
        self,
        session: SqlSession,
        table: sa.Table,
        publisher: AsyncEventstreamPublisher | None = None,
    ) -> None:
        super().__init__(publisher)
        self.insert = table.insert()
        self.rows: list[Mapping[str, Any]] = []
        self._session = session
        self._table = table
        columns = [table.c[name] for name in ("position", *ENVELOPE)]
        self._published = sa.select(*columns).where(table.c.published).order_by(table.c.position)
        self._serializer = publisher.serializer if publisher else MessageSerializer()

    async def _add(self, message: Message[Any]) -> None:
        try:
            envelope = self._serializer.serialize_message(message)
        except Exception as error:
            raise TransactionError(
                f"{type(message).__qualname__} cannot be kept: {error}; the event store keeps "
                "messages as JSON: give its fields types that JSON can say."
            ) from error
        kind = "command" if isinstance(message, GenericCommand) else "event"
        self.rows.append({"kind": kind, "published": message.metadata.published, **envelope})

    async def published(
        self, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The envelopes behind a position, each with its own, in order of commit."""
        query = self._published.where(self._table.c.position > after).limit(limit)
        return await self._session.run(_load_envelopes, query)


def _load_envelopes(
    connection: sa.Connection, query: sa.Select[Any]
) -> Sequence[tuple[int, Mapping[str, Any]]]:
    return [
        (position, dict(zip(ENVELOPE, envelope, strict=True)))
        for position, *envelope in connection.execute(query)
    ]


class SqlUnitOfWork(AsyncAbstractUnitOfWork):
    """A unit of work on one database: set repositories that `run` their SQL by `session`."""

    def __init__(
        self,
        database: SqlDatabase,
        table: sa.Table,
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
        """Insert the transaction's messages and commit them with the models."""
        await self.session.commit(self.messages.rows, self.messages.insert)
        self.messages.rows = []

    async def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        self.messages.rows = []
        await self.session.rollback()
