"""A service that grows: revisions of its own, over rows, on both databases."""

import os
import subprocess
import sys
from pathlib import Path

from tests.starter.bare import bare
from tests.starter.test_starter import ROOT, new

KEY_ADDED = '''"""Depots, and a foreign key to them: on SQLite, parcels are made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "depots",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("city", sa.Text),
    )
    with op.batch_alter_table("parcels") as parcels:
        parcels.add_column(sa.Column("depot", sa.Integer))
        parcels.create_foreign_key(
            "fk_parcels_depot", "depots", ["depot"], ["id"], ondelete="CASCADE"
        )
'''
PARENT_ANEW = '''"""A depot has a city: on SQLite, the parent of a cascade is made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("depots") as depots:
        depots.alter_column("city", existing_type=sa.Text, nullable=False)
'''
GROWN = '''"""Rows that are there before a revision are there after it."""

import sqlalchemy as sa
from messagebus.adapters.sqlalchemy import Migrations, open_database

from parcel_tracking.adapters import schema
from parcel_tracking.adapters.tables import metadata
from tests.sql.contents import contents, fill, kept


def to(revision: str) -> Migrations:
    return Migrations("parcel_tracking:migrations", metadata, revision)


def deliver(connection: sa.Connection) -> None:
    connection.execute(sa.text("INSERT INTO depots VALUES (1, 'Utrecht'), (2, 'Leiden')"))
    connection.execute(sa.text("UPDATE parcels SET depot = 2"))


async def test_no_row_is_lost(each_url: str) -> None:
    database = open_database(each_url)
    await to("0001").migrate(database)
    await database.run(fill)
    first = await database.run(contents)
    assert all(first.values())
    await to("0002").migrate(database)
    assert kept(first, await database.run(contents)) == first
    await database.run(deliver)
    second = await database.run(contents)
    assert (await schema.migrate(database)).before == "0002"
    assert await database.run(contents) == second
    assert {row["depot"] for row in second["parcels"]} == {2}
    await database.close()
'''


def test_two_revisions_of_a_service_keep_every_row(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    assert new(folder, "parcel_tracking", "Parcel").returncode == 0
    package = folder / "parcel_tracking"
    versions = package / "migrations" / "versions"
    versions.joinpath("r0002_depots.py").write_text(KEY_ADDED)
    versions.joinpath("r0003_cities.py").write_text(PARENT_ANEW)
    schema = package / "adapters" / "schema.py"
    schema.write_text(schema.read_text().replace('"0001"', '"0003"'))
    tests = folder / "tests" / "sql"
    tests.joinpath("contents.py").write_text(ROOT.joinpath("tests/sql/contents.py").read_text())
    tests.joinpath("test_grown.py").write_text(GROWN)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/sql/test_grown.py"],
        cwd=folder,
        env=bare() | {"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout
