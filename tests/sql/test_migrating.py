"""An application's own migrations lose no row when a revision recreates a table."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    BlockingDatabase,
    MigrationError,
    Migrations,
    OtherRevisionError,
    SyncSqlDatabase,
    open_database,
    open_sync_database,
)

FIRST = """
op.create_table(
    "shelves",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("room", sa.Text),
)
op.create_table(
    "books",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("shelf", sa.Integer, sa.ForeignKey("shelves.id", ondelete="CASCADE"), nullable=False),
    sa.Column("owner", sa.Integer),
)
op.create_table(
    "loans",
    sa.Column("book", sa.Integer, sa.ForeignKey("books.id"), primary_key=True),
)
"""
ROWS = (
    "INSERT INTO shelves VALUES (1, 'hall'), (2, 'attic')",
    "INSERT INTO books VALUES (1, 1, 1), (2, 2, 1), (3, 2, 2)",
    "INSERT INTO loans VALUES (2), (3)",
)
PARENT_ANEW = """
with op.batch_alter_table("shelves") as shelves:
    shelves.alter_column("room", existing_type=sa.Text, nullable=False)
"""
KEY_ADDED = """
op.create_table("owners", sa.Column("id", sa.Integer, primary_key=True))
op.execute("INSERT INTO owners VALUES (1), (2)")
with op.batch_alter_table("books") as books:
    books.create_foreign_key("fk_books_owner", "owners", ["owner"], ["id"])
"""
RENAMED = """
op.rename_table("shelves", "racks")
with op.batch_alter_table("books") as books:
    books.alter_column("shelf", new_column_name="rack")
"""

Write = Callable[..., Migrations]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write revisions 1, 2, … of these bodies, and give their migrations."""

    def written(*bodies: str, metadata: sa.MetaData | None = None) -> Migrations:
        versions = tmp_path / "migrations" / "versions"
        versions.mkdir(parents=True, exist_ok=True)
        (versions.parent / "env.py").write_text(
            "from alembic import context\n"
            'context.configure(connection=context.config.attributes["connection"])\n'
            "context.run_migrations()\n"
        )
        for number, body in enumerate(bodies, 1):
            before = repr(str(number - 1)) if number > 1 else None
            (versions / f"r{number}.py").write_text(
                "import sqlalchemy as sa\nfrom alembic import op\n"
                f"revision = '{number}'\ndown_revision = {before}\n"
                f"def upgrade():\n{indent(dedent(body), '    ')}\n"
            )
        head = str(len(bodies))
        return Migrations(str(versions.parent), metadata or sa.MetaData(), head)

    return written


async def contents(database: AsyncSqlDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""

    def read(connection: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
        tables = sa.MetaData()
        tables.reflect(connection)
        return {
            table.name: sorted(tuple(row) for row in connection.execute(sa.select(table)))
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }

    return await database.run(read)


async def with_rows(database: AsyncSqlDatabase, write: Write, *more: str) -> None:
    await write(FIRST).migrate(database)

    def insert(connection: sa.Connection) -> None:
        for statement in (*ROWS, *more):
            connection.execute(sa.text(statement))

    await database.run(insert)


@pytest.fixture
async def db(each_url: str) -> Any:
    database = open_database(each_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite(file: Path) -> Any:
    database = open_database(f"sqlite:///{file}")
    yield database
    await database.close()


def run(file: Path, *statements: str) -> None:
    """What the `sqlite3` command would do: without foreign keys."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


async def test_the_children_of_a_recreated_parent_stay(db: AsyncSqlDatabase, write: Write) -> None:
    await with_rows(db, write)
    before = await contents(db)
    assert (await write(FIRST, PARENT_ANEW).migrate(db)).before == "1"
    assert await contents(db) == before


async def test_a_foreign_key_is_added_and_a_parent_recreated_in_one_upgrade(
    db: AsyncSqlDatabase, write: Write
) -> None:
    await with_rows(db, write)
    before = await contents(db)
    await write(FIRST, KEY_ADDED, PARENT_ANEW).migrate(db)
    assert await contents(db) == before | {"owners": [(1,), (2,)]}


async def test_two_upgrades_at_once_run_the_migrations_once(each_url: str, write: Write) -> None:
    one, other = open_database(each_url), open_database(each_url)
    await with_rows(one, write)
    before = await contents(one)
    migrations = write(FIRST, PARENT_ANEW)
    both = await asyncio.gather(migrations.migrate(one), migrations.migrate(other))
    assert sorted(str(each.before) for each in both) == ["1", "2"]
    assert await contents(other) == before
    await one.close()
    await other.close()


async def test_the_foreign_keys_are_enforced_again_after_an_upgrade(
    sqlite: AsyncSqlDatabase, write: Write
) -> None:
    await with_rows(sqlite, write)
    orphan = sa.text("INSERT INTO books VALUES (9, 9, 1)")
    with pytest.raises(IntegrityError):
        await sqlite.run(lambda connection: connection.execute(orphan))


async def test_rows_that_break_a_new_key_are_named_and_nothing_is_changed(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await with_rows(sqlite, write, "INSERT INTO books VALUES (4, 1, 3), (5, 1, 4)")
    before = dump(file)
    with pytest.raises(MigrationError) as refused:
        await write(FIRST, KEY_ADDED).migrate(sqlite)
    assert "books, row 4: no such row of owners; books, row 5: no such row" in str(refused.value)
    assert dump(file) == before


async def test_a_revision_that_deletes_a_parent_s_row_is_refused_with_the_children(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await with_rows(sqlite, write)
    before = dump(file)
    with pytest.raises(MigrationError, match="books, row 1: no such row of shelves"):
        await write(FIRST, "op.execute('DELETE FROM shelves WHERE id = 1')").migrate(sqlite)
    assert dump(file) == before


async def test_an_error_names_some_rows_that_break_a_key_and_counts_the_others(
    sqlite: AsyncSqlDatabase, write: Write
) -> None:
    await with_rows(
        sqlite,
        write,
        "WITH RECURSIVE n (i) AS (SELECT 4 UNION SELECT i + 1 FROM n WHERE i < 28)"
        " INSERT INTO books SELECT i, 1, 7 FROM n",
    )
    with pytest.raises(MigrationError, match=r"row 13: no such row of owners; and 15 more\."):
        await write(FIRST, KEY_ADDED).migrate(sqlite)


@pytest.mark.parametrize("revision", [PARENT_ANEW, KEY_ADDED, RENAMED])
async def test_a_row_that_broke_a_key_before_is_kept_and_listed(
    sqlite: AsyncSqlDatabase, write: Write, file: Path, revision: str
) -> None:
    await with_rows(sqlite, write)
    # Gone through a tool that enforces nothing, with a gap in the row ids before it.
    run(file, "DELETE FROM loans", "INSERT INTO books VALUES (7, 77, 1)")
    run(file, "DELETE FROM books WHERE id = 1")
    migrated = await write(FIRST, revision).migrate(sqlite)
    (broken,) = migrated.broken
    assert broken.values == (77,)
    assert str(broken).startswith("books, row 7: no such row of ")
    assert [row[:2] for row in (await contents(sqlite))["books"]] == [(2, 2), (3, 2), (7, 77)]


async def test_a_key_that_sqlite_cannot_check_stays_as_it_was(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await with_rows(sqlite, write)
    run(file, "CREATE TABLE notes (room TEXT REFERENCES shelves (room))")
    migrated = await write(FIRST, PARENT_ANEW).migrate(sqlite)
    assert [str(each) for each in migrated.broken] == [
        'foreign key mismatch - "notes" referencing "shelves"'
    ]


async def test_a_revision_that_fails_leaves_all_revisions_before_it_undone(
    db: AsyncSqlDatabase, write: Write
) -> None:
    await with_rows(db, write)
    before = await contents(db)
    bad = write(FIRST, KEY_ADDED, "op.execute('SELECT no_such_function(1)')")
    with pytest.raises(DBAPIError, match=r"no_such_function"):
        await bad.migrate(db)
    assert await contents(db) == before
    assert await db.run(bad.revision) == "1"


@pytest.mark.parametrize(
    "ending",
    [
        "op.get_bind().commit()",
        "op.execute('COMMIT')",
        "op.get_bind().connection.driver_connection.executescript('SELECT 1')",
    ],
)
async def test_a_revision_that_commits_is_refused_and_nothing_of_it_is_kept(
    sqlite: AsyncSqlDatabase, write: Write, file: Path, ending: str
) -> None:
    await with_rows(sqlite, write)
    before = dump(file)
    with pytest.raises(MigrationError, match="begins or ends a transaction"):
        await write(FIRST, "\n".join(("op.execute('DELETE FROM loans')", ending))).migrate(sqlite)
    assert dump(file) == before


async def test_triggers_and_views_of_a_recreated_table_stay(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await with_rows(sqlite, write)
    run(
        file,
        "CREATE TABLE log (room TEXT)",
        'CREATE TRIGGER "On Shelf" AFTER INSERT ON shelves BEGIN'
        " INSERT INTO log VALUES (new.room); END",
        "CREATE TRIGGER on_book AFTER INSERT ON books BEGIN"
        " INSERT INTO log SELECT room FROM shelves WHERE id = new.shelf; END",
        "CREATE VIEW rooms AS SELECT room FROM shelves",
    )
    await write(FIRST, PARENT_ANEW).migrate(sqlite)
    run(file, "INSERT INTO shelves VALUES (3, 'cellar')", "INSERT INTO books VALUES (4, 2, 1)")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT room FROM log").fetchall() == [("cellar",), ("attic",)]
        assert len(connection.execute("SELECT * FROM rooms").fetchall()) == 3


async def test_a_trigger_that_a_revision_drops_stays_dropped(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await with_rows(sqlite, write)
    run(file, "CREATE TRIGGER loud AFTER INSERT ON shelves BEGIN SELECT 1; END")
    await write(FIRST, f"op.execute('DROP TRIGGER loud')\n{PARENT_ANEW}").migrate(sqlite)
    assert not [line for line in dump(file) if "TRIGGER" in line]


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ("CREATE VIEW rooms AS SELECT room FROM shelves", "would break .*: rooms"),
        (
            "CREATE TRIGGER loud AFTER UPDATE ON shelves BEGIN SELECT old.room; END",
            "would break .* triggers of these tables: shelves",
        ),
        (
            "CREATE TRIGGER loud AFTER INSERT ON books BEGIN SELECT room FROM shelves; END",
            "would break .* triggers of these tables: books",
        ),
    ],
)
async def test_views_and_triggers_that_a_recreated_table_would_break_are_an_error(
    sqlite: AsyncSqlDatabase, write: Write, file: Path, made: str, error: str
) -> None:
    await with_rows(sqlite, write)
    run(file, made)
    before = dump(file)
    with pytest.raises(MigrationError, match=error):
        await write(
            FIRST,
            """
            with op.batch_alter_table("shelves", recreate="always") as shelves:
                shelves.drop_column("room")
                shelves.add_column(sa.Column("floor", sa.Integer))
            """,
        ).migrate(sqlite)
    assert dump(file) == before


COUNTED = """
op.create_table(
    "stream", sa.Column("position", sa.Integer, primary_key=True), sa.Column("text", sa.Text),
    sqlite_autoincrement=True,
)
"""


async def test_a_recreated_table_gives_no_position_a_second_time(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await write(COUNTED).migrate(sqlite)
    run(file, "INSERT INTO stream (text) VALUES ('a'), ('b'), ('c')", "DELETE FROM stream")
    await write(
        COUNTED,
        """
        with op.batch_alter_table(
            "stream", table_kwargs={"sqlite_autoincrement": True}
        ) as stream:
            stream.alter_column("text", existing_type=sa.Text, nullable=False)
        """,
    ).migrate(sqlite)
    run(file, "INSERT INTO stream (text) VALUES ('d')")
    assert (await contents(sqlite))["stream"] == [(4, "d")]


async def test_a_table_that_would_lose_its_count_is_refused_with_the_remedy(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await write(COUNTED).migrate(sqlite)
    before = dump(file)
    with pytest.raises(MigrationError, match=r"stream has lost its AUTOINCREMENT.* table_kwargs="):
        await write(
            COUNTED,
            """
            with op.batch_alter_table("stream") as stream:
                stream.alter_column("text", existing_type=sa.Text, nullable=False)
            """,
        ).migrate(sqlite)
    assert dump(file) == before


async def test_a_table_that_refers_to_itself_is_recreated_with_its_rows(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    tree = """
    op.create_table(
        "nodes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("up", sa.Integer, sa.ForeignKey("nodes.id", ondelete="CASCADE")),
    )
    """
    await write(tree).migrate(sqlite)
    run(file, "INSERT INTO nodes VALUES (1, NULL), (2, 1), (3, 2)")
    anew = """
    with op.batch_alter_table("nodes", recreate="always") as nodes:
        nodes.add_column(sa.Column("name", sa.Text))
    """
    await write(tree, anew).migrate(sqlite)
    assert (await contents(sqlite))["nodes"] == [(1, None, None), (2, 1, None), (3, 2, None)]


async def test_a_connection_of_sqlite_with_foreign_keys_on_is_refused(
    sqlite: AsyncSqlDatabase, write: Write
) -> None:
    migrations = write(FIRST)
    with pytest.raises(MigrationError, match=r"Migrate SQLite by migrate\(database\)"):
        await sqlite.run(migrations.upgrade)
    assert await sqlite.run(migrations.revision) is None


async def test_the_tables_of_another_release_are_refused_by_their_revision(
    db: AsyncSqlDatabase, write: Write
) -> None:
    await with_rows(db, write)
    elsewhere = sa.text("UPDATE alembic_version SET version_num = '0a1b'")
    await db.run(lambda connection: connection.execute(elsewhere))
    with pytest.raises(OtherRevisionError, match="0a1b"):
        await write(FIRST, PARENT_ANEW).migrate(db)


def test_a_sync_database_is_migrated_too(each_url: str, write: Write) -> None:
    database = open_sync_database(each_url)
    assert write(FIRST).migrate_sync(database).before is None
    assert write(FIRST, PARENT_ANEW).migrate_sync(database).before == "1"
    database.close()


async def test_a_database_in_memory_is_migrated_and_stays(write: Write) -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    database = BlockingDatabase(SyncSqlDatabase(engine))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE before (id INTEGER)")
    await with_rows(database, write)
    before = await contents(database)
    await write(FIRST, PARENT_ANEW).migrate(database)
    assert await contents(database) == before
    await database.close()


def test_an_engine_of_one_s_own_is_migrated_in_one_transaction_too(
    file: Path, write: Write, tmp_path: Path
) -> None:
    # Without listeners, Python's driver begins no transaction before it changes a table.
    database = SyncSqlDatabase(sa.create_engine(f"sqlite:///{file}"))
    write(FIRST).migrate_sync(database)
    run(file, *ROWS)
    before, copy = dump(file), tmp_path / "before.db"
    with pytest.raises(DBAPIError, match=r"no such function"):
        write(FIRST, KEY_ADDED + "op.execute('SELECT none(1)')").migrate_sync(database)
    assert dump(file) == before
    write(FIRST, KEY_ADDED, PARENT_ANEW).migrate_sync(database, backup=copy)
    assert dump(copy) == before
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM loans").fetchone() == (2,)
    database.close()


async def test_a_column_that_is_called_rowid_does_not_matter(
    sqlite: AsyncSqlDatabase, write: Write, file: Path
) -> None:
    await with_rows(sqlite, write)
    run(
        file,
        'CREATE TABLE notes ("rowid" TEXT, shelf INTEGER REFERENCES shelves (id))',
        "INSERT INTO notes VALUES ('first', 9)",
    )
    migrated = await write(FIRST, PARENT_ANEW).migrate(sqlite)
    assert [str(each) for each in migrated.broken] == ["notes, row 1: no such row of shelves"]


def test_the_adapter_is_imported_without_alembic() -> None:
    program = "import messagebus.adapters.sqlalchemy, sys; print('alembic' in sys.modules)"
    output = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert output == "False\n"


async def test_a_copy_is_kept_of_what_a_migration_begins_with(
    sqlite: AsyncSqlDatabase, write: Write, file: Path, tmp_path: Path
) -> None:
    await with_rows(sqlite, write)
    before, copy = dump(file), tmp_path / "before.db"
    os.chmod(file, 0o600)
    await write(FIRST, KEY_ADDED, PARENT_ANEW).migrate(sqlite, backup=copy)
    assert dump(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o600


async def test_a_copy_overwrites_no_file_and_nothing_is_changed(
    sqlite: AsyncSqlDatabase, write: Write, file: Path, tmp_path: Path
) -> None:
    await with_rows(sqlite, write)
    before, mine = dump(file), tmp_path / "mine.txt"
    mine.write_text("mine")
    for copy in (mine, file, tmp_path / "missing" / "copy.db"):
        with pytest.raises(MigrationError, match=rf"{copy}.* Nothing was changed"):
            await write(FIRST, PARENT_ANEW).migrate(sqlite, backup=copy)
    assert (mine.read_text(), dump(file)) == ("mine", before)


async def test_a_server_is_copied_by_a_program_of_its_own(
    server_url: str, write: Write, tmp_path: Path
) -> None:
    database = open_database(server_url)
    copy = tmp_path / "copy"
    with pytest.raises(MigrationError, match=rf"pg_dump --format=custom --file={copy} --dbname=po"):
        await write(FIRST).migrate(database, backup=copy)
    assert await contents(database) == {}
    assert not copy.exists()
    await database.close()
