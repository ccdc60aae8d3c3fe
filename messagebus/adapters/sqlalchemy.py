"""The event store as a table, written in the transaction that changes the models.

SQL blocks, so it runs on a thread of its own, and what costs is neither the SQL nor
SQLAlchemy but each hop to that thread and back (30 µs; 57 by asyncio's executor). Hence
`run`, which takes any number of statements in one hop, and messages that are kept back
and inserted together in the hop that commits. After the transactional outbox.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from typing_extensions import Self

from messagebus.errors import TransactionError
from messagebus.eventstore import AsyncAbstractEventstoreRepository
from messagebus.eventstream import AsyncEventstreamPublisher, MessageSerializer
from messagebus.messages import GenericCommand, Message
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

T = TypeVar("T")
P = ParamSpec("P")

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


class _Hop(asyncio.Future[T]):
    """What the loop awaits of the thread; a cancellation waits until the work is done."""

    def cancel(self, msg: Any | None = None) -> bool:
        return False


class SqlDatabase:
    """One database: an engine, the thread that it works on, and turns to write.

    A second writer of this process waits for its turn on the loop, in order of arrival: on
    the thread it would keep the first one from committing.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.turn = asyncio.Lock()
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sql", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def hop(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Call a blocking function on the database's thread; await what it returns.

        The caller sees a cancellation only when the function has ended.
        """
        loop = asyncio.get_running_loop()
        hop = _Hop[T](loop=loop)

        def job() -> None:
            # The loop may be gone by now, and with it whoever waited.
            with contextlib.suppress(RuntimeError):
                try:
                    result = function()
                except BaseException as error:
                    loop.call_soon_threadsafe(hop.set_exception, error)
                else:
                    loop.call_soon_threadsafe(hop.set_result, result)

        self._jobs.put(job)
        return hop

    def close(self) -> None:
        """Let the thread end what it was given, and give back the connections."""
        self._jobs.put(self.engine.dispose)
        self._jobs.put(None)
        self._thread.join()


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
    """A unit of work's way to its database: one connection from the first `run` to the end."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._connection: sa.Connection | None = None
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
        return await self._database.hop(lambda: function(self._begun(), *args, **kwargs))

    async def commit(self, rows: Sequence[Mapping[str, Any]], insert: sa.Insert) -> None:
        """Insert the rows and commit, in one hop that a cancellation does not split."""
        if rows and not self._has_turn:
            await self._take_turn()
        if self._has_turn:
            hop = self._database.hop(lambda: self._commit(rows, insert))
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
                await self._database.hop(self._rollback)
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

    def _begun(self) -> sa.Connection:
        if self._connection is None:
            connection = self._database.engine.connect()
            try:
                connection.begin()
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _commit(self, rows: Sequence[Mapping[str, Any]], insert: sa.Insert) -> None:
        connection = self._begun()
        if rows:
            connection.execute(insert, rows)
        connection.commit()
        connection.close()
        self._connection = None

    def _rollback(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with connection:
                connection.rollback()


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

    async def published(self, after: int = 0, limit: int = 1000) -> Sequence[sa.RowMapping]:
        """The published messages behind a position, in order: it and the envelope's keys."""
        return await self._session.run(_published, self._table, after, limit)


def _published(
    connection: sa.Connection, table: sa.Table, after: int, limit: int
) -> Sequence[sa.RowMapping]:
    columns = [table.c[name] for name in ("position", "id", "created_at", "type", "payload")]
    query = sa.select(*columns).where(table.c.published, table.c.position > after)
    return connection.execute(query.order_by(table.c.position).limit(limit)).mappings().all()


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
