"""A command line with the commands of its operators."""

import asyncio
import shlex
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
import typer
from lastuuid.dummies import uuidgen

from messagebus import Event, Metadata
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    open_database,
)
from messagebus.adapters.typer import (
    DatabaseOption,
    command_group,
    contract_commands,
    dead_letter_commands,
    event_commands,
    outbox_commands,
)

metadata = sa.MetaData()
eventstore = EventstoreTable(metadata)


class ParcelRegistered(Event):
    name: str
    metadata: Metadata = Metadata(
        name="parcel_registered", schema_version=1, published=True
    )


@asynccontextmanager
async def opened(
    database: str | None,
) -> AsyncGenerator[AsyncSqlDatabase, None]:
    parcels = open_database(database or "sqlite:///parcels.db")
    try:
        await parcels.create(metadata)
        yield parcels
    finally:
        await parcels.close()


@asynccontextmanager
async def open_outbox(
    database: str | None,
) -> AsyncGenerator[AsyncSqlOutbox, None]:
    async with opened(database) as parcels:
        yield AsyncSqlOutbox(parcels, eventstore)


def add_operators_commands(app: typer.Typer) -> None:
    app.add_typer(event_commands(open_outbox))
    app.add_typer(outbox_commands(open_outbox), name="outbox")
    letters = dead_letter_commands(open_outbox)
    app.add_typer(letters, name="dead-letters")
    contracts = contract_commands(Path("contracts"), lambda: [ParcelRegistered])
    app.add_typer(contracts, name="contracts")


app = command_group()
add_operators_commands(app)


@app.callback()
def choose(context: typer.Context, database: DatabaseOption = None) -> None:
    """Parcels, and what the event stream was told of them."""
    context.obj = database


@app.command()
def register(context: typer.Context, name: str) -> None:
    """Register a parcel."""

    async def work() -> None:
        async with opened(context.obj) as parcels:
            uow = AsyncSqlUnitOfWork(parcels, eventstore)
            async with uow as transaction:
                event = ParcelRegistered(message_id=uuidgen(1), name=name)
                await transaction.journal.add(event)
                await transaction.commit()

    asyncio.run(work())


def main() -> None:
    """Run each argument as a command line, in a folder of its own."""
    with TemporaryDirectory() as folder, chdir(folder):
        for line in sys.argv[1:]:
            print(f"$ parcels {line}", flush=True)
            try:
                app(shlex.split(line), prog_name="parcels")
            except SystemExit as ended:
                if ended.code:
                    print(f"status {ended.code}", flush=True)


if __name__ == "__main__":
    main()
