"""Stored names that look alike, or that today's commands would not accept."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from lastuuid.dummies import uuidgen
from pydantic import SecretStr

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import Migrations, open_database
from messagebus.adapters.typer import upgrade_report
from messagebus.contracts import MessageReader
from reading_club.adapters import schema
from reading_club.adapters.tables import metadata, reviewers
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ClubTables, Settings, open_club, open_storage
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.service.uow import AbstractUnitOfWork
from tests.sql.conftest import rows
from tests.sql.contents import Contents, contents, kept

EARLIER = Path(__file__).with_name("earlier_names.sql")
NFC, NFD = "Ren\N{LATIN SMALL LETTER E WITH ACUTE}", "Rene\N{COMBINING ACUTE ACCENT}"


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    file = tmp_path / "earlier.db"
    connection = sqlite3.connect(file)
    connection.executescript(EARLIER.read_text(encoding="utf-8"))
    connection.close()
    return file


def settings(database: object) -> Settings:
    return Settings(database_url=SecretStr(str(database)))


def reviewers_in(file: Path) -> list[tuple[str, str]]:
    return [(str(id), str(name)) for id, name in rows(file, "SELECT id, name FROM reviewers")]


async def upgrade(file: Path) -> Sequence[str]:
    """Upgrade the tables, and return what an operator reads."""
    async with open_storage(settings(file)) as storage:
        return await upgrade_report(ClubTables(storage, str(file)))


async def other_rows(file: Path) -> Contents:
    """All that is in the file, but for reviewers and the revision."""
    database = open_database(f"sqlite:///{file}")
    found = await database.run(contents, read_only=True)
    await database.close()
    return {table: rows for table, rows in found.items() if table != "reviewers"}


async def test_an_upgrade_respells_names_lists_those_that_collide_and_loses_no_row(
    earlier: Path,
) -> None:
    before, others = reviewers_in(earlier), await other_rows(earlier)
    done, introduction, *listed = await upgrade(earlier)

    assert done.endswith(f"is upgraded from revision 0003 to {schema.REVISION}.")
    assert introduction.startswith("These reviewers' names are kept as they were")
    assert [line.split(" ", 1)[1] for line in listed] == [
        f"'Rene\\u0301' looks like {UUID(before[0][0])} 'Ren\\xe9'",
        f"'Ann\\xa0Lee' looks like {UUID(before[2][0])} 'Ann Lee'",
        "'\\u200b' has nothing to see",
    ]
    respelled = {"Ann  Lee": "Ann Lee", "Zoe\u0308": "Zo\u00eb"}
    assert reviewers_in(earlier) == [(id, respelled.get(name, name)) for id, name in before]
    assert kept(others, await other_rows(earlier)) == others


async def test_an_upgrade_respells_names_on_each_database(each_url: str) -> None:
    names = [NFD, "Ann\u00a0Lee", "Ann  Lee", "Ada"]

    inserted = [{"id": uuidgen(number), "name": name} for number, name in enumerate(names)]
    database = open_database(each_url)
    await Migrations("reading_club:migrations", metadata, "0003").migrate(database)
    await database.run(lambda connection: connection.execute(reviewers.insert(), inserted))
    assert (await schema.migrate(database)).before == "0003"
    query = sa.select(reviewers.c.name).order_by(reviewers.c.id)
    respelled = await database.run(lambda connection: connection.scalars(query).all())
    await database.close()
    assert respelled == [NFC, "Ann Lee", "Ann  Lee", "Ada"]


async def test_a_name_that_earlier_rules_accepted_is_listed_and_can_review(earlier: Path) -> None:
    await upgrade(earlier)
    async with open_club(settings(earlier)) as club:
        names = [name for _, name in reviewers_in(earlier)]
        for number, name in enumerate(names):
            review = ReviewBook(
                id=uuidgen(number), isbn="979-0-2600-0043-8", reviewer=name, rating=9, comment=""
            )
            async with ClubUnitOfWork(club.database) as transaction:
                result = await club.bus.handle(review, transaction)
                await transaction.commit()
            # Two look like an earlier one, so a typed name means that one.
            assert result.is_err() == (number in (1, 3)), name
        assert [book.reviews for book in await club.queries.shelf()] == [8, 6]


async def test_the_journal_of_an_earlier_release_is_played_as_it_was(
    earlier: Path, each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    reader = MessageReader([RegisterBook, RegisterReviewer, ReviewBook])
    commands = rows(
        earlier,
        "SELECT id, created_at, type, payload FROM eventstore"
        " WHERE kind = 'command' ORDER BY position",
    )
    assert len(commands) == 18
    async with each_uow as transaction:
        for id, created_at, type, payload in commands:
            envelope = {"id": id, "created_at": created_at, "type": type, "payload": payload}
            command = reader.read({key: str(value) for key, value in envelope.items()})
            assert isinstance(command, RegisterBook | RegisterReviewer | ReviewBook)
            result = await bus.handle(command, transaction)
            assert result.is_ok(), command
        kept = await transaction.catalogue.shelf()
        await transaction.rollback()
    assert [book.reviews for book in kept] == [8, 0]


async def test_two_spellings_of_a_name_are_one_reviewer(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with each_uow as transaction:
        first = await bus.handle(RegisterReviewer(id=uuidgen(1), name=NFD), transaction)
        second = await bus.handle(RegisterReviewer(id=uuidgen(2), name=NFC), transaction)
        found = await transaction.reviewers.by_name(f"\ufeff{NFD}\u200b")
        await transaction.rollback()
    assert (first.is_ok(), second.is_ok()) == (True, False)
    assert found.unwrap().id == uuidgen(1)


async def test_a_kept_name_is_found_by_its_own_spelling_first(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    kept = RegisterReviewer.model_validate_json(f'{{"id": "{uuidgen(2)}", "name": "{NFD}"}}')
    async with each_uow as transaction:
        await bus.handle(RegisterReviewer(id=uuidgen(1), name=NFC), transaction)
        await bus.handle(kept, transaction)
        found = [(await transaction.reviewers.by_name(name)).unwrap().id for name in (NFC, NFD)]
        await transaction.rollback()
    assert found == [uuidgen(1), uuidgen(2)]
