"""A service tells the stream what it has committed; a consumer listens."""

import asyncio
from contextlib import aclosing
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from messagebus import Event, Message, Metadata
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlStream,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    StreamTable,
    leader_of,
    open_database,
)
from messagebus.relay import AsyncRelay, Shard, decode


class BookLent(Event):
    title: str
    metadata: Metadata = Metadata(
        name="book_lent", schema_version=1, published=True
    )


def title(message: Message[Any]) -> str:
    return message.title if isinstance(message, BookLent) else ""


metadata = sa.MetaData()
eventstore = EventstoreTable(metadata, stream_key=title)
stream_table = StreamTable(metadata)


async def lend(database: AsyncSqlDatabase, title: str) -> None:
    async with AsyncSqlUnitOfWork(database, eventstore) as transaction:
        await transaction.eventstore.add(BookLent(title=title))
        await transaction.commit()


async def serve(database: AsyncSqlDatabase) -> None:
    relay = AsyncRelay(
        AsyncSqlOutbox(database, eventstore),
        AsyncSqlStream(database, stream_table),
        leader_of(database, eventstore),
    )
    async with relay:
        await lend(database, "Emma")
        relay.wake()
        await listen(database)


async def listen(database: AsyncSqlDatabase) -> None:
    stream = AsyncSqlStream(database, stream_table)
    async with aclosing(stream.consume("reminders")) as deliveries:
        delivery = await anext(deliveries)
        message = decode(delivery.body, delivery.headers)
        print(message.envelope["payload"])
        await delivery.ack()


async def sharded(database: AsyncSqlDatabase, index: int) -> int:
    shard = Shard(index, 4)
    relay = AsyncRelay(
        AsyncSqlOutbox(database, eventstore, shard),
        AsyncSqlStream(database, stream_table),
        leader_of(database, eventstore, shard),
    )
    return await relay.drain()


async def main(folder: str) -> None:
    database = open_database(f"sqlite:///{folder}/library.db")
    await database.create(metadata)
    await serve(database)
    await lend(database, "Persuasion")
    print([await sharded(database, index) for index in range(4)])
    await database.close()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(main(folder))
