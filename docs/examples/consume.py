"""A service reads the library's stream, and writes one notice for each loan."""

import asyncio
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from docs.examples.relay import metadata as library_tables
from docs.examples.relay import serve, stream_table

from messagebus import AsyncMessageBus, Event, Metadata
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlInbox,
    AsyncSqlStream,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    InboxTable,
    open_database,
)
from messagebus.consumer import AsyncConsumer
from messagebus.relay import AsyncAbstractStream, stopped_by_signals

metadata = sa.MetaData()
eventstore = EventstoreTable(metadata)
inbox_table = InboxTable(metadata)
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("title", sa.String, nullable=False),
)


class BookLent(Event):
    """The library's event, as far as notices need it."""

    title: str
    metadata: Metadata = Metadata(name="book_lent", schema_version=1)


async def notify(event: BookLent, transaction: AsyncSqlUnitOfWork) -> None:
    row = {"id": str(event.message_id), "title": event.title}
    await transaction.session.run(
        lambda connection: connection.execute(notices.insert(), row)
    )


def make_consumer(
    database: AsyncSqlDatabase, stream: AsyncAbstractStream
) -> AsyncConsumer[AsyncSqlUnitOfWork]:
    bus = AsyncMessageBus()
    bus.add_listener(BookLent, notify)
    return AsyncConsumer(
        bus,
        lambda: AsyncSqlUnitOfWork(database, eventstore),
        stream,
        AsyncSqlInbox(database, inbox_table, "notices"),
        messages=[BookLent],
    )


async def run(consumer: AsyncConsumer[AsyncSqlUnitOfWork]) -> None:
    with stopped_by_signals(consumer.stop):
        await consumer.run()


async def main(folder: str) -> None:
    library = open_database(f"sqlite:///{folder}/library.db")
    database = open_database(f"sqlite:///{folder}/notices.db")
    await library.create(library_tables)
    await database.create(metadata)
    stream = AsyncSqlStream(library, stream_table)
    await stream.register("notices")
    await serve(library)
    consumer = make_consumer(database, stream)
    print(await consumer.run_once(), consumer.counts.applied)
    print(await make_consumer(database, stream).run_once())
    query = sa.select(notices.c.title)
    print(await database.run(lambda each: each.scalars(query).all()))
    await library.close()
    await database.close()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(main(folder))
