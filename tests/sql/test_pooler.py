"""Units of work behind a pooler that gives each transaction any free session."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import sqlalchemy as sa

from messagebus import ConfigurationError
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    BlockingDatabase,
    DatabaseUnavailableError,
    StatementFailedError,
    leader_of,
    open_database,
    open_sync_database,
)
from messagebus.relay import AsyncRelay
from reading_club.adapters.tables import books, eventstore, metadata
from tests.relay.fakes import Stream
from tests.sql.proxies import TransactionPooler, listening


@pytest.fixture
async def pooler_url(server_url: str) -> AsyncGenerator[str, None]:
    pooler = TransactionPooler(server_url)
    async with listening(pooler.serve, server_url) as url:
        yield url
        pooler.close()


@pytest.fixture
async def database(pooler_url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = open_database(pooler_url, statement_timeout=20, transaction_pooling=True)
    await database.create(metadata)
    yield database
    await database.close()


def count(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(books)).scalar_one()


def session(connection: sa.Connection) -> object:
    timeout = connection.scalar(sa.text("SHOW statement_timeout"))
    prepared = connection.scalar(sa.text("SELECT count(*) FROM pg_prepared_statements"))
    return timeout, prepared


async def test_a_pooler_refuses_the_start_up_packet_without_the_setting(pooler_url: str) -> None:
    database = open_database(pooler_url)
    with pytest.raises(DatabaseUnavailableError, match="unsupported startup parameter"):
        await database.run(count)
    await database.close()


async def test_a_limit_of_0_sends_none(pooler_url: str) -> None:
    database = open_database(pooler_url, statement_timeout=0)
    assert await database.run(lambda connection: connection.scalar(sa.select(1))) == 1
    await database.close()


async def test_transactions_go_from_session_to_session_and_leave_nothing_there(
    database: AsyncSqlDatabase,
) -> None:
    for _ in range(20):
        await asyncio.gather(*(database.run(count, read_only=bool(n % 2)) for n in range(4)))
    for _ in range(4):
        assert await database.run(session) == ("20s", 0)


async def test_each_transaction_has_the_limit_and_no_session_keeps_it(pooler_url: str) -> None:
    limited = open_database(pooler_url, statement_timeout=0.2, transaction_pooling=True)
    with pytest.raises(StatementFailedError, match="statement timeout"):
        await limited.run(lambda connection: connection.execute(sa.text("SELECT pg_sleep(60)")))
    await limited.close()
    free = open_database(pooler_url, statement_timeout=0, transaction_pooling=True)
    for _ in range(4):
        assert await free.run(session) == ("0", 0)
    await free.close()


async def test_the_sync_variant_works_behind_a_pooler_too(
    pooler_url: str, database: AsyncSqlDatabase
) -> None:
    def work() -> None:
        blocking = BlockingDatabase(open_sync_database(pooler_url, transaction_pooling=True))

        async def look() -> None:
            for _ in range(20):
                assert await blocking.run(count) == 0
            await blocking.close()

        asyncio.run(look())

    await asyncio.to_thread(work)


async def test_a_relay_does_not_lead_behind_a_pooler(database: AsyncSqlDatabase) -> None:
    leader = leader_of(database, eventstore)
    with pytest.raises(ConfigurationError, match="server's own address"):
        await leader.try_acquire()
    with pytest.raises(ConfigurationError, match="server's own address"):
        await AsyncRelay(AsyncSqlOutbox(database, eventstore), Stream(), leader).run()
    assert await leader.holder() is None
