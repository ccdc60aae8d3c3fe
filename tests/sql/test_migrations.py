"""The tables of the club's databases are made by migrations, and have a revision."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    Migrations,
    OtherRevisionError,
    PooledDatabase,
    open_database,
)
from messagebus.adapters.sqlalchemy.tables import slot_of
from reading_club.adapters import schema
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ReadingClub, Settings, StorageError, open_club
from reading_club.migrations import __file__ as migrations
from tests.sql.conftest import rows
from tests.sql.contents import contents, fill, kept

FIRST_RELEASE = Path(__file__).with_name("first_release.sql")


def settings(database: object) -> Settings:
    return Settings(database_url=SecretStr(str(database)))


def description(connection: sa.Connection) -> Any:
    """Columns and indexes in all that an inspector tells, without the names of constraints."""
    inspector = sa.inspect(connection)
    return {
        table: (
            [{**column, "type": str(column["type"])} for column in inspector.get_columns(table)],
            [
                (each["name"], each["column_names"], where(each))
                for each in inspector.get_indexes(table)
            ],
            sorted(str(each["column_names"]) for each in inspector.get_unique_constraints(table)),
            sorted(str(each["referred_table"]) for each in inspector.get_foreign_keys(table)),
        )
        for table in metadata.tables
    }


def where(index: Any) -> Sequence[str]:
    return [str(option) for option in index.get("dialect_options", {}).values()]


@pytest.fixture
def old_file(file: Path) -> Path:
    connection = sqlite3.connect(file)
    connection.executescript(FIRST_RELEASE.read_text())
    connection.close()
    return file


def test_the_last_migration_makes_today_s_tables() -> None:
    script = ScriptDirectory(str(Path(migrations).parent))
    assert script.get_current_head() == schema.REVISION


async def test_tables_and_migrations_agree(each_url: str) -> None:
    database = open_database(each_url)
    assert (await schema.migrate(database)).before is None
    assert await database.run(schema.differences) == []
    migrated = await database.run(description)
    await database.run(metadata.drop_all)
    await database.create(metadata)
    assert migrated == await database.run(description)
    await database.close()


async def test_a_table_that_strayed_is_found(each_database: AsyncSqlDatabase) -> None:
    await each_database.run(lambda connection: connection.execute(sa.text("DROP TABLE ratings")))
    (difference,) = await each_database.run(schema.differences)
    assert "ratings" in difference


async def execute(database: AsyncSqlDatabase, *statements: str) -> None:
    def run(connection: sa.Connection) -> None:
        for each in statements:
            connection.execute(sa.text(each))

    await database.run(run)


async def test_tables_of_other_applications_are_no_difference(
    each_database: AsyncSqlDatabase,
) -> None:
    await execute(
        each_database,
        "CREATE TABLE spatial_ref_sys (srid INTEGER PRIMARY KEY)",
        "CREATE VIEW titles AS SELECT title FROM books",
    )
    if isinstance(each_database, PooledDatabase):
        await execute(
            each_database,
            "CREATE SCHEMA gis",
            "CREATE TABLE gis.books (id INTEGER)",
            "CREATE MATERIALIZED VIEW names AS SELECT name FROM reviewers",
        )
    try:
        assert await each_database.run(schema.differences) == []
    finally:
        if isinstance(each_database, PooledDatabase):
            await execute(each_database, "DROP SCHEMA gis CASCADE")


async def test_a_club_may_live_in_a_schema_of_its_own_before_another_in_public(
    server_url: str,
) -> None:
    public = open_database(server_url)
    await schema.migrate(public)
    name = sa.make_url(server_url).database
    await execute(
        public,
        "CREATE SCHEMA club",
        "UPDATE public.alembic_version SET version_num = '9999'",
        "ALTER TABLE public.books ADD COLUMN shelf INTEGER",
        f'ALTER DATABASE "{name}" SET search_path = club, public',
    )
    await public.close()
    own = open_database(server_url)
    try:
        assert (await schema.migrate(own)).before is None
        assert await own.run(schema.revision) == schema.REVISION
        assert await own.run(schema.differences) == []
        await execute(own, "DROP TABLE club.answers")
        (strayed,) = await own.run(schema.differences)
    finally:
        await execute(own, f'ALTER DATABASE "{name}" RESET search_path', "DROP SCHEMA club CASCADE")
        await own.close()
    assert "answers" in strayed


@pytest.mark.parametrize("where", ["club", "public"])
async def test_tables_that_are_declared_in_a_schema_are_compared_there(
    server_url: str, where: str
) -> None:
    declared = sa.MetaData(schema=where)
    for table in metadata.sorted_tables:
        table.to_metadata(declared, schema=where)
    migrations = Migrations("reading_club:migrations", declared, schema.REVISION)
    database = open_database(server_url)
    await execute(database, f"CREATE SCHEMA IF NOT EXISTS {where}")
    await database.create(declared)
    found = await database.run(migrations.differences)
    await execute(database, f"ALTER TABLE {where}.books DROP COLUMN author")
    strayed = await database.run(migrations.differences)
    await database.run(declared.drop_all)
    await database.close()
    assert found == []
    assert len(strayed) == 1
    assert "author" in strayed[0]


async def test_an_empty_database_gets_its_tables_when_the_club_opens(each_url: str) -> None:
    async with open_club(settings(each_url)) as club:
        assert await club.queries.shelf() == []
        assert await club.database.run(schema.revision) == schema.REVISION
        assert (await schema.migrate(club.database)).before == schema.REVISION


async def test_clubs_that_open_an_empty_database_at_once_make_its_tables_once(
    each_url: str,
) -> None:
    async def open_and_list() -> object:
        async with open_club(settings(each_url)) as club:
            return await club.queries.shelf()

    assert await asyncio.gather(*(open_and_list() for _ in range(5))) == [[]] * 5


async def test_a_file_of_the_first_release_is_refused_with_the_remedy_and_left_alone(
    old_file: Path,
) -> None:
    with pytest.raises(StorageError, match=r"earlier release .* run `reading-club db upgrade`"):
        await open_and_close(old_file)
    assert rows(old_file, "SELECT name FROM sqlite_master WHERE name = 'alembic_version'") == []


async def test_a_file_of_the_first_release_is_upgraded_with_what_is_in_it(old_file: Path) -> None:
    database = open_database(f"sqlite:///{old_file}")
    assert (await schema.migrate(database)).before == "0001"
    assert await database.run(schema.differences) == []
    await database.close()

    async with open_club(settings(old_file)) as club:
        (book,) = await club.queries.shelf()
        told = [envelope["type"] async for envelope in club.outbox().published_events()]
        rating = await load_rating(club, book.isbn)
    assert (book.title, book.reviews, book.rating) == ("Clean Code", 1, 9.0)
    assert told == ["register_book_v1", "reviewer_registered_v1", "book_reviewed_v1"]
    assert rating == (1, 9, 1)


EARLIER = [
    each.revision
    for each in ScriptDirectory(str(Path(migrations).parent)).walk_revisions()
    if each.revision != schema.REVISION
]


@pytest.mark.parametrize("earlier", EARLIER)
async def test_each_earlier_revision_is_upgraded_with_every_row_of_every_table(
    each_url: str, earlier: str
) -> None:
    database = open_database(each_url)
    await Migrations("reading_club:migrations", metadata, earlier).migrate(database)
    await database.run(fill)
    before = await database.run(contents)
    assert all(before.values())
    assert (await schema.migrate(database)).before == earlier
    assert kept(before, await database.run(contents)) == before
    assert await database.run(schema.differences) == []
    await database.close()


async def test_every_row_of_the_first_release_is_there_after_the_upgrade(old_file: Path) -> None:
    database = open_database(f"sqlite:///{old_file}")
    before = await database.run(contents)
    await schema.migrate(database)
    assert kept(before, await database.run(contents)) == before
    await database.close()


async def load_rating(club: ReadingClub, isbn: str) -> tuple[int, int, int]:
    async with ClubUnitOfWork(club.database, read_only=True) as transaction:
        book = (await transaction.catalogue.by_isbn(isbn)).unwrap()
        rating = await transaction.ratings.by_book(book.id)
        await transaction.rollback()
    return rating.reviews, rating.total, rating.version


async def test_published_messages_of_the_first_release_wait_for_the_stream_by_their_key(
    old_file: Path,
) -> None:
    database = open_database(f"sqlite:///{old_file}")
    await schema.migrate(database)
    await database.close()
    book, reviewer = (
        "01a21aae-5555-78b5-b0b3-45f6b38c1047",
        "01a21aae-5880-76e2-9208-61f9c7adf73c",
    )
    waiting = "SELECT stream_key, slot, sent_at FROM eventstore WHERE published ORDER BY position"
    assert rows(old_file, waiting) == [(key, slot_of(key), None) for key in (book, reviewer, book)]
    own = "SELECT count(*) FROM eventstore WHERE correlation_id = id AND causation_id IS NULL"
    assert rows(old_file, own) == [(6,)]


async def test_an_upgrade_that_fails_leaves_the_file_as_it_was(old_file: Path) -> None:
    connection = sqlite3.connect(old_file)
    with connection:
        connection.execute("UPDATE eventstore SET payload = 'no JSON' WHERE position = 6")
        before = list(connection.iterdump())
    connection.close()
    database = open_database(f"sqlite:///{old_file}")
    with pytest.raises(DBAPIError, match="malformed JSON"):
        await schema.migrate(database)
    await database.close()
    connection = sqlite3.connect(old_file)
    assert list(connection.iterdump()) == before
    connection.close()


async def test_the_tables_of_a_later_release_are_refused(each_url: str) -> None:
    async with open_club(settings(each_url)) as club:
        await club.database.run(
            lambda connection: connection.execute(
                sa.text("UPDATE alembic_version SET version_num = '9999'")
            )
        )
        with pytest.raises(OtherRevisionError, match="later release"):
            await schema.migrate(club.database)
    with pytest.raises(StorageError, match=r"later release.* install that release"):
        await open_and_close(each_url)


async def open_and_close(database: object) -> None:
    async with open_club(settings(database)):
        pass
