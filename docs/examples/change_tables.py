"""Tables that grow under the parcels that are in them."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    Migrations,
    open_database,
)

SCRIPTS = str(Path(__file__).with_name("parcels"))

metadata = sa.MetaData()
drivers = sa.Table(
    "drivers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("full_name", sa.Text, nullable=False),
)
depots = sa.Table(
    "depots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("city", sa.Text, nullable=False),
)
parcels = sa.Table(
    "parcels",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "driver",
        sa.ForeignKey("drivers.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("kg", sa.Integer, nullable=False),
    sa.Column("grammes", sa.Integer, nullable=False),
    sa.Column("depot", sa.ForeignKey("depots.id")),
)

migrations = Migrations(SCRIPTS, metadata, "0005")
CHUNK = 1000


def fill_chunk(connection: sa.Connection) -> int:
    unweighed = (
        sa.select(parcels.c.id).where(parcels.c.grammes.is_(None)).limit(CHUNK)
    )
    filled = connection.execute(
        sa.update(parcels)
        .where(parcels.c.id.in_(unweighed))
        .values(grammes=parcels.c.kg * 1000)
    )
    return filled.rowcount


async def fill(database: AsyncSqlDatabase) -> None:
    while filled := await database.run(fill_chunk):
        print(f"{filled} parcels have their weight in grammes")


def with_rows(connection: sa.Connection) -> None:
    for statement in (
        "INSERT INTO couriers VALUES (1, 'Ann'), (2, 'Bob')",
        "WITH RECURSIVE n (i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
        " INSERT INTO parcels (id, courier, kg)"
        " SELECT i, 1 + i % 2, i % 30 FROM n",
    ):
        connection.execute(sa.text(statement))


def show(connection: sa.Connection) -> None:
    for table in metadata.sorted_tables:
        count = sa.select(sa.func.count()).select_from(table)
        print(f"{table.name}: {connection.scalar(count)} rows")


async def main(folder: str) -> None:
    database = open_database(f"sqlite:///{folder}/parcels.db")
    await Migrations(SCRIPTS, metadata, "0001").migrate(database)
    await database.run(with_rows)

    await Migrations(SCRIPTS, metadata, "0004").migrate(database)
    try:
        await migrations.migrate(database)
    except IntegrityError as error:
        print(f"not yet: {error.orig}")
    print(f"still at {await database.run(migrations.revision)}")

    await fill(database)
    copy = Path(folder, "before.db")
    migrated = await migrations.migrate(database, backup=copy)
    print(f"from {migrated.before} to {migrations.head}")
    await database.run(show)
    print(f"differences: {await database.run(migrations.differences)}")
    await database.close()


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        asyncio.run(main(name))
