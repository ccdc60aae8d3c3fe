"""The order of a key, where two writers raise at the same moment."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from messagebus import Event, Metadata
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    leader_of,
    open_database,
    retry_transaction,
)
from messagebus.relay import AsyncRelay
from tests.relay.deliveries import message_of
from tests.waiting import TIMEOUT

metadata = sa.MetaData()
table = EventstoreTable(metadata, stream_key=lambda message: getattr(message, "shelf", ""))
shelves = sa.Table(
    "shelves",
    metadata,
    sa.Column("name", sa.String(10), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)


class Filled(Event):
    shelf: str
    version: int
    writer: str
    metadata: Metadata = Metadata(name="filled", schema_version=1, published=True)


class StaleShelfError(Exception):
    """Another writer has changed the shelf since it was read."""


@pytest.fixture
async def database(each_database: AsyncSqlDatabase) -> AsyncSqlDatabase:
    await each_database.run(metadata.drop_all)
    await each_database.create(metadata)
    await each_database.run(
        lambda connection: connection.execute(sa.insert(shelves).values(name="a", version=0))
    )
    return each_database


async def change(uow: AsyncSqlUnitOfWork, writer: str, *, versioned: bool = True) -> None:
    """Read the shelf, write its next version if it is still the one that was read, and raise."""
    read = sa.select(shelves.c.version)
    version = await uow.session.run(lambda connection: connection.scalar(read) or 0)
    if versioned:
        write = sa.update(shelves).where(shelves.c.version == version).values(version=version + 1)
        if await uow.session.run(lambda connection: connection.execute(write).rowcount) == 0:
            raise StaleShelfError
    await uow.eventstore.add(Filled(shelf="a", version=version + 1, writer=writer))


class Relayed:
    """A relay and the file of lines that it writes."""

    def __init__(self, database: AsyncSqlDatabase, folder: Path) -> None:
        self._stream = AsyncJsonLinesStream(folder / "stream.jsonl", poll=0.001)
        leader = leader_of(database, table)
        self._relay = AsyncRelay(AsyncSqlOutbox(database, table), self._stream, leader)
        self._deliveries = self._stream.consume("reader")

    async def more(self) -> list[tuple[int, str]]:
        """The position and the payload of each message that came since."""
        count = await self._relay.drain()
        found = []
        async with asyncio.timeout(TIMEOUT):
            for _ in range(count):
                message = message_of(await anext(self._deliveries))
                found.append((int(message.headers["position"]), message.envelope["payload"]))
        return found

    async def close(self) -> None:
        await self._deliveries.aclose()


@pytest.fixture
async def relayed(database: AsyncSqlDatabase, tmp_path: Path) -> AsyncGenerator[Relayed, None]:
    relayed = Relayed(database, tmp_path)
    yield relayed
    await relayed.close()


def payload(version: int, writer: str) -> str:
    return f'{{"shelf": "a", "version": {version}, "writer": "{writer}"}}'


async def test_a_versioned_shelf_keeps_its_order_though_two_write_at_once(
    database: AsyncSqlDatabase, relayed: Relayed
) -> None:
    async def work(transaction: AsyncSqlUnitOfWork) -> None:
        await change(transaction, "second")
        await transaction.commit()

    async with AsyncSqlUnitOfWork(database, table) as first:
        await change(first, "first")
        uow = AsyncSqlUnitOfWork(database, table)
        second = asyncio.create_task(retry_transaction(uow, work, retry_on=(StaleShelfError,)))
        await asyncio.wait([second], timeout=0.2)
        assert not second.done()
        assert await relayed.more() == []
        await first.commit()
    await second
    came = await relayed.more()
    assert [text for _, text in came] == [payload(1, "first"), payload(2, "second")]
    assert sorted(came) == came


SLOW = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.payload LIKE '%slow%' THEN PERFORM pg_advisory_xact_lock(42); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON eventstore
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
"""
"""A commit that takes its time, behind the insert that gave the event its position."""

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def at_once(
    url: str, folder: Path, *, versioned: bool
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The messages relayed during the first writer's slow commit, and those after it."""
    database = open_database(url)
    await database.create(metadata)
    await database.run(
        lambda connection: connection.execute(sa.insert(shelves).values(name="a", version=0))
    )
    relayed = Relayed(database, folder)

    async def write(writer: str) -> None:
        async def work(transaction: AsyncSqlUnitOfWork) -> None:
            await change(transaction, writer, versioned=versioned)
            await transaction.commit()

        uow = AsyncSqlUnitOfWork(database, table)
        await retry_transaction(uow, work, retry_on=(StaleShelfError,))

    async def locks(
        connection: psycopg.AsyncConnection, count: int, unless: asyncio.Task[None]
    ) -> None:
        async with asyncio.timeout(TIMEOUT):
            while not unless.done():
                found = await (await connection.execute(WAITING)).fetchone()
                if found is not None and found[0] >= count:
                    return
                await asyncio.sleep(0.01)

    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(SLOW)
        await connection.execute("SELECT pg_advisory_lock(42)")
        first = asyncio.create_task(write("slow"))
        await locks(connection, 1, first)
        second = asyncio.create_task(write("fast"))
        await locks(connection, 2, second)
        meanwhile = await relayed.more()
        await connection.execute("SELECT pg_advisory_unlock(42)")
    await asyncio.gather(first, second)
    behind = await relayed.more()
    await relayed.close()
    await database.close()
    return meanwhile, behind


async def test_a_version_holds_the_second_writer_until_the_first_has_committed(
    server_url: str, tmp_path: Path
) -> None:
    meanwhile, behind = await at_once(server_url, tmp_path, versioned=True)
    assert meanwhile == []
    assert [text for _, text in behind] == [payload(1, "slow"), payload(2, "fast")]
    assert sorted(behind) == behind


async def test_a_shelf_without_lock_or_version_is_sent_in_the_order_of_commits(
    server_url: str, tmp_path: Path
) -> None:
    meanwhile, behind = await at_once(server_url, tmp_path, versioned=False)
    assert [text for _, text in (*meanwhile, *behind)] == [payload(1, "fast"), payload(1, "slow")]
    assert meanwhile > behind
