"""A server falls silent: each wait ends with an error of the project."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import TypedDict, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlUnitOfWork,
    BlockingDatabase,
    DatabaseUnavailableError,
    PooledDatabase,
    StatementFailedError,
    SyncSqlUnitOfWork,
    allow_statements,
    leader_of,
    open_database,
    open_sync_database,
)
from messagebus.relay import AsyncRelay
from reading_club.adapters.tables import eventstore, metadata
from tests.relay.fakes import Stream
from tests.sql.proxies import SilentProxy, listening
from tests.waiting import TIMEOUT, wait_until

T = TypeVar("T")


class Limits(TypedDict):
    statement_timeout: float
    timeout: float


LIMITS: Limits = {"statement_timeout": 0.5, "timeout": 0.5}


async def soon(work: Awaitable[T]) -> T:
    """Await it, and fail where it does not end."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task], timeout=TIMEOUT)
    if not task.done():
        task.cancel()
        pytest.fail(f"no answer and no error after {TIMEOUT:g} s")
    return await task


def look(connection: sa.Connection) -> object:
    return connection.scalar(sa.select(1))


@pytest.fixture
async def proxy(server_url: str) -> SilentProxy:
    return SilentProxy(server_url)


@pytest.fixture
async def silent_url(proxy: SilentProxy, server_url: str) -> AsyncGenerator[str, None]:
    async with listening(proxy.serve, server_url) as url:
        yield url


@pytest.fixture(params=[False, True], ids=["direct", "pooled"])
async def database(
    request: pytest.FixtureRequest, silent_url: str
) -> AsyncGenerator[AsyncSqlDatabase, None]:
    pooling: bool = request.param
    database = open_database(silent_url, pool_size=2, transaction_pooling=pooling, **LIMITS)
    await database.run(look)
    yield database
    await soon(database.close())


async def test_work_on_a_silent_connection_ends(
    proxy: SilentProxy, database: AsyncSqlDatabase
) -> None:
    proxy.fall_silent()
    for read_only in (False, True):
        with pytest.raises(DatabaseUnavailableError):
            await soon(database.run(look, read_only=read_only))


async def test_a_commit_without_an_answer_is_not_known(
    proxy: SilentProxy, database: AsyncSqlDatabase
) -> None:
    async def keep() -> None:
        async with AsyncSqlUnitOfWork(database, eventstore) as transaction:
            await transaction.session.run(look)
            proxy.fall_silent()
            await transaction.commit()

    with pytest.raises(DatabaseUnavailableError, match="It is not known whether it was committed"):
        await soon(keep())


async def test_a_rollback_without_an_answer_ends(
    proxy: SilentProxy, database: AsyncSqlDatabase
) -> None:
    async def leave() -> None:
        async with AsyncSqlUnitOfWork(database, eventstore) as transaction:
            await transaction.session.run(look)
            proxy.fall_silent()
            await transaction.rollback()

    with pytest.raises(DatabaseUnavailableError):
        await soon(leave())


async def test_a_cancelled_unit_of_work_on_a_silent_connection_ends_in_time(
    proxy: SilentProxy, silent_url: str
) -> None:
    database = open_database(silent_url, statement_timeout=86_400)

    async def keep(step: str) -> None:
        async with asyncio.timeout(0.5), AsyncSqlUnitOfWork(database, eventstore) as transaction:
            await transaction.session.run(look)
            proxy.fall_silent()
            if step == "statement":
                await transaction.session.run(look)
            await transaction.commit()

    await database.run(look)
    with pytest.raises((TimeoutError, DatabaseUnavailableError)):
        await soon(keep("commit"))
    await soon(database.close())


async def test_a_server_that_accepts_and_says_nothing_is_unavailable(
    proxy: SilentProxy, silent_url: str
) -> None:
    proxy.fall_silent()
    database = open_database(silent_url, **LIMITS)
    with pytest.raises(DatabaseUnavailableError, match="no connection to"):
        await soon(database.run(look))
    await soon(database.close())


async def test_a_server_that_says_nothing_once_it_is_connected_is_unavailable(
    proxy: SilentProxy, silent_url: str
) -> None:
    database = open_database(silent_url, **LIMITS)
    assert isinstance(database, PooledDatabase)

    def connected(_connection: object, _record: object) -> None:
        proxy.fall_silent()

    event.listen(database.engine.sync_engine, "connect", connected, insert=True)
    with pytest.raises(DatabaseUnavailableError):
        await soon(database.run(look))
    await soon(database.close())


async def test_the_sync_variant_is_bounded_too(proxy: SilentProxy, silent_url: str) -> None:
    database = open_sync_database(silent_url, pool_size=1, **LIMITS)
    uow = SyncSqlUnitOfWork(database, eventstore)

    def work(step: str) -> None:
        with uow as transaction:
            transaction.session.run(look)
            if step == "silence":
                loop.call_soon_threadsafe(proxy.fall_silent)
            transaction.session.run(look)
            transaction.commit()

    loop = asyncio.get_running_loop()
    await soon(asyncio.to_thread(work, "nothing"))
    for _ in range(2):
        with pytest.raises(DatabaseUnavailableError):
            await soon(asyncio.to_thread(work, "silence"))
    await soon(asyncio.to_thread(database.close))


async def test_closing_does_not_wait_for_a_silent_server(
    proxy: SilentProxy, silent_url: str
) -> None:
    database = open_database(silent_url, pool_size=3)
    await asyncio.gather(*(database.run(look) for _ in range(3)))
    proxy.fall_silent()
    await soon(database.close())


async def test_a_transaction_may_allow_its_statements_more_time(server_url: str) -> None:
    def sleep(connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT pg_sleep(1.5)"))

    def work(connection: sa.Connection) -> None:
        allow_statements(connection, 60)
        connection.execute(sa.text("SELECT pg_sleep(4)"))

    blocking = BlockingDatabase(open_sync_database(server_url, pool_size=1, **LIMITS))
    for database in (open_database(server_url, pool_size=1, **LIMITS), blocking):
        await database.run(work)
        with pytest.raises(StatementFailedError, match="statement timeout"):
            await database.run(sleep)
        await database.close()


async def test_a_silent_leader_is_followed_by_another(proxy: SilentProxy, silent_url: str) -> None:
    direct = open_database(proxy.url)
    database = open_database(silent_url, **LIMITS)
    await direct.create(metadata)
    leader, other = leader_of(database, eventstore), leader_of(direct, eventstore)
    assert await leader.try_acquire()
    assert not await other.try_acquire()
    proxy.fall_silent()
    with pytest.raises(DatabaseUnavailableError):
        await soon(leader.try_acquire())

    for _ in range(int(TIMEOUT)):
        if await other.try_acquire():
            break
        await asyncio.sleep(1)
    assert await other.try_acquire()
    await other.release()
    await soon(database.close())
    await direct.close()


async def test_a_leader_with_nothing_to_do_keeps_its_lock(server_url: str) -> None:
    database = open_database(server_url)
    await database.create(metadata)
    leader, other = leader_of(database, eventstore), leader_of(database, eventstore)
    assert await leader.try_acquire()
    await asyncio.sleep(25)
    assert not await other.try_acquire()
    assert await leader.try_acquire()
    await leader.release()
    await database.close()


async def test_a_relay_says_that_it_cannot_send_and_ends_when_it_is_stopped(
    proxy: SilentProxy, silent_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(silent_url, **LIMITS)
    await database.create(metadata)
    outbox, leader = AsyncSqlOutbox(database, eventstore), leader_of(database, eventstore)
    relay = AsyncRelay(outbox, Stream(), leader, grace=0.5)
    task = asyncio.create_task(relay.run())
    await asyncio.sleep(0.5)
    proxy.fall_silent()

    await soon(asyncio.to_thread(wait_until, lambda: "cannot send" in caplog.text))
    relay.stop()
    await soon(task)
    await soon(database.close())
