"""A schema other than the default one, and the user's own settings, apply to all statements."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier
from sqlalchemy import event

from messagebus import Event, Metadata
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlStream,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    PooledDatabase,
    SqliteDatabase,
    StreamTable,
    SyncSqlDatabase,
    SyncSqlUnitOfWork,
    leader_of,
    open_database,
    open_sync_database,
)
from messagebus.relay import AsyncRelay, Shard

TENANT = "Tenant A"
TRANSLATED = {"schema_translate_map": {None: TENANT}}
SEARCH_PATH = r'-c search_path="Tenant\ A"'
CONVENTION = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s", "pk": "pk_%(table_name)s"}


class Noted(Event):
    metadata: Metadata = Metadata(name="noted", schema_version=1, published=True)


class Tables:
    """The library's tables and one of the application's."""

    def __init__(self, schema: str | None = None) -> None:
        self.metadata = sa.MetaData(schema=schema, naming_convention=CONVENTION)
        self.store = EventstoreTable(self.metadata, stream_key=lambda message: "k")
        self.stream = StreamTable(self.metadata)
        self.notes = sa.Table("notes", self.metadata, sa.Column("id", sa.Integer, primary_key=True))


def attach(engine: sa.Engine, file: str) -> None:
    """Give each connection of an SQLite engine another file as a schema."""

    @event.listens_for(engine, "connect")
    def attach_tenant(connection: Any, _record: object) -> None:
        connection.execute(f"ATTACH DATABASE '{file}' AS \"{TENANT}\"")


class Place:
    """A database in which all tables are in the default schema, and in the tenant's too."""

    def __init__(self, url: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = sa.make_url(url)
        self.sqlite = way.startswith("sqlite")
        self.tables = Tables(TENANT if "declared" in way else None)
        self.options: dict[str, Any] = TRANSLATED if "translated" in way else {}
        self._tenant_file = f"{self.url.database}-tenant"
        if self.sqlite:
            sqlite3.connect(self._tenant_file).close()
        else:
            self.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(TENANT)))
            self.execute(SQL("CREATE SCHEMA {}").format(Identifier(TENANT)))
        default = open_sync_database(self.url)
        default.create(Tables().metadata)
        default.close()
        if "PGOPTIONS" in way:
            monkeypatch.setenv("PGOPTIONS", SEARCH_PATH)
        if "URL" in way:
            self.url = self.url.update_query_dict({"options": SEARCH_PATH})

    def execute(self, statement: Any) -> None:
        with psycopg.connect(self.url.render_as_string(), autocommit=True) as connection:
            connection.execute(statement)

    def database(self) -> AsyncSqlDatabase:
        match open_database(self.url):
            case PooledDatabase(engine=engine):
                return PooledDatabase(engine.execution_options(**self.options))
            case SqliteDatabase(engine=engine):
                attach(engine, self._tenant_file)
                return SqliteDatabase(engine.execution_options(**self.options))
            case other:
                raise AssertionError(other)

    def sync_database(self) -> SyncSqlDatabase:
        engine = open_sync_database(self.url).engine
        if self.sqlite:
            attach(engine, self._tenant_file)
        return SyncSqlDatabase(engine.execution_options(**self.options))

    def count(self, schema: str | None) -> Sequence[int]:
        """How many rows of each kind a schema has, seen from outside: notes, messages, stream."""
        database = self.sync_database()
        tables = Tables(schema or ("main" if self.sqlite else "public"))
        with database.engine.begin() as connection:
            found = [
                connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in (tables.notes, tables.store.table, tables.stream.table)
            ]
        database.close()
        return found


WAYS = [
    "postgresql translated",
    "postgresql declared",
    "postgresql by the URL",
    "postgresql by PGOPTIONS",
    "sqlite translated",
    "sqlite declared",
]


@pytest.fixture(params=WAYS)
def place(request: pytest.FixtureRequest, file: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    way: str = request.param
    url = f"sqlite:///{file}" if way.startswith("sqlite") else request.getfixturevalue("server_url")
    return Place(url, way, monkeypatch)


def dated(column: sa.Column[Any], time: datetime) -> sa.Update:
    return sa.update(column.table).where(column.is_not(None)).values({column: time})


async def test_models_messages_and_the_stream_are_in_the_schema_that_was_chosen(
    place: Place,
) -> None:
    database, tables = place.database(), place.tables
    await database.create(tables.metadata)
    outbox = AsyncSqlOutbox(database, tables.store)
    stream = AsyncSqlStream(database, tables.stream)
    async with AsyncSqlUnitOfWork(database, tables.store) as transaction:
        await transaction.session.run(lambda c: c.execute(tables.notes.insert().values(id=1)))
        await transaction.eventstore.add(Noted())
        await transaction.eventstore.add(Noted())
        await transaction.commit()
    assert (place.count(TENANT), place.count(None)) == ([1, 2, 0], [0, 0, 0])

    assert await AsyncRelay(outbox, stream, leader_of(database, tables.store)).drain() == 2
    assert (place.count(TENANT), place.count(None)) == ([1, 2, 2], [0, 0, 0])
    async with aclosing(stream.consume("reader")) as deliveries:
        await (await anext(deliveries)).ack()
    assert await outbox.replay(1) == 2
    await outbox.reject(1, "too large")
    status = await outbox.status()
    assert (status.waiting, status.parked, status.dead) == (1, 1, 1)
    assert await outbox.purge_dead_letters() == 1
    await outbox.mark_sent([2])
    week_ago = datetime.now(UTC) - timedelta(days=7)
    for column in (tables.store.table.c.sent_at, tables.stream.table.c.published_at):
        await database.run(partial(sa.Connection.execute, statement=dated(column, week_ago)))
    assert await outbox.purge(timedelta(days=6)) == 1
    assert await stream.purge(timedelta(days=6)) == 1
    async with AsyncSqlUnitOfWork(database, tables.store, read_only=True) as transaction:
        assert await transaction.journal.published() == []
        await transaction.rollback()
    assert (place.count(TENANT), place.count(None)) == ([1, 0, 1], [0, 0, 0])
    await database.close()


def test_the_sync_variant_is_in_the_schema_that_was_chosen(place: Place) -> None:
    database, tables = place.sync_database(), place.tables
    database.create(tables.metadata)
    with SyncSqlUnitOfWork(database, tables.store) as transaction:
        transaction.session.run(lambda c: c.execute(tables.notes.insert().values(id=1)))
        transaction.eventstore.add(Noted())
        transaction.commit()
    assert (place.count(TENANT), place.count(None)) == ([1, 1, 0], [0, 0, 0])
    database.close()


def choose(connection: sa.Connection, options: Mapping[str, Any]) -> None:
    connection.execution_options(**options)


async def test_a_schema_that_one_transaction_chose_ends_with_it(
    each_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(each_url, each_url.partition(":")[0], monkeypatch)
    database, tables = place.database(), place.tables
    await database.run(lambda c: tables.metadata.create_all(c.execution_options(**TRANSLATED)))
    for choice in (TRANSLATED, {}, TRANSLATED):
        async with AsyncSqlUnitOfWork(database, tables.store) as transaction:
            await transaction.session.run(choose, choice)
            await transaction.eventstore.add(Noted())
            await transaction.commit()
    assert (place.count(TENANT), place.count(None)) == ([0, 2, 0], [0, 1, 0])
    await database.close()


@pytest.mark.parametrize("way", WAYS[:4])
async def test_two_tenants_have_a_leader_each_and_one_outbox_has_one(
    server_url: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    untranslated = open_database(server_url)
    place = Place(server_url, way, monkeypatch)
    database, tables = place.database(), place.tables
    await database.create(tables.metadata)
    beside = leader_of(untranslated, Tables().store)
    assert await beside.try_acquire()
    tenant = leader_of(database, tables.store)
    assert await tenant.try_acquire()

    # However the outbox is reached: each relay of it excludes the others.
    declared = Tables(TENANT).store
    assert not await leader_of(untranslated, declared).try_acquire()
    assert not await leader_of(database, declared, Shard(1, 2)).try_acquire()
    assert (await leader_of(untranslated, declared).holder() or "").startswith("backend ")
    await tenant.release()
    assert await leader_of(untranslated, declared).holder() is None
    assert not await leader_of(untranslated, Tables("public").store).try_acquire()
    await beside.release()
    await database.close()
    await untranslated.close()


async def test_two_tenants_of_one_file_have_a_leader_each(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(f"sqlite:///{file}", "sqlite translated", monkeypatch)
    untranslated, database = open_database(place.url), place.database()
    first, second = (
        leader_of(untranslated, place.tables.store),
        leader_of(database, place.tables.store),
    )
    assert await first.try_acquire()
    assert await second.try_acquire()
    assert not await leader_of(untranslated, Tables(TENANT).store).try_acquire()
    await first.release()
    await second.release()
    await database.close()
    await untranslated.close()


SETTINGS = ("search_path", "statement_timeout", "application_name", "work_mem")


def settings(connection: sa.Connection) -> dict[str, str]:
    return {
        name: str(connection.scalar(sa.select(sa.func.current_setting(name)))) for name in SETTINGS
    }


@pytest.mark.parametrize("variant", ["async", "sync"])
@pytest.mark.parametrize("place_of_settings", ["URL", "environment"])
async def test_the_user_s_server_settings_are_kept_beside_our_timeout(
    server_url: str, variant: str, place_of_settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = "-c search_path=elsewhere -c work_mem=8MB"
    url = sa.make_url(server_url)
    if place_of_settings == "URL":
        monkeypatch.setenv("PGOPTIONS", "-c work_mem=16MB")
        url = url.update_query_dict({"options": options, "application_name": "mine"})
    else:
        monkeypatch.setenv("PGOPTIONS", options)
        monkeypatch.setenv("PGAPPNAME", "mine")
    found = await settings_of(url, variant, statement_timeout=7)
    assert found == {
        "search_path": "elsewhere",
        "statement_timeout": "7s",
        "application_name": "mine",
        "work_mem": "8MB",
    }


@pytest.mark.parametrize("variant", ["async", "sync"])
async def test_a_timeout_that_the_user_sets_is_not_replaced_by_ours(
    server_url: str, variant: str
) -> None:
    url = sa.make_url(server_url).update_query_dict({"options": "-c statement_timeout=5s"})
    found = await settings_of(url, variant, statement_timeout=7)
    assert found["statement_timeout"] == "5s"


async def settings_of(url: sa.URL, variant: str, *, statement_timeout: float) -> dict[str, str]:
    if variant == "async":
        database = open_database(url, statement_timeout=statement_timeout)
        found = await database.run(settings)
        await database.close()
        return found
    sync_database = open_sync_database(url, statement_timeout=statement_timeout)
    with sync_database.engine.begin() as connection:
        found = settings(connection)
    sync_database.close()
    return found


def test_the_time_for_which_a_file_is_waited_for_is_the_url_s(file: Path) -> None:
    database = open_sync_database(f"sqlite:///{file}?timeout=3")
    with database.engine.begin() as connection:
        assert connection.scalar(sa.text("PRAGMA busy_timeout")) == 3000
    database.close()
