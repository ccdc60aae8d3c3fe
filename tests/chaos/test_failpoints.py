"""A process that is killed at the worst moments loses nothing: each point, database and stream."""

import asyncio
import signal

import pytest
from lastuuid import uuid7

from messagebus.adapters.sqlalchemy import AsyncSqlOutbox, open_database
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import BookReviewed
from tests.chaos.ledger import Verdict
from tests.chaos.processes import ended, start
from tests.chaos.roles import POISON, Death, Place, relayer, writer
from tests.chaos.run import look
from tests.sql.counting import BOOKS

KILLED = -signal.SIGKILL
EVENTS = 20


def found(place: Place) -> tuple[Verdict, int]:
    """The ledger's verdict, and how much waits or is a dead letter; no rating may be wrong."""
    _, verdict, waiting, miscounted = asyncio.run(look(place))
    assert miscounted == 0
    return verdict, waiting


async def poison(place: Place) -> None:
    database = open_database(place.url)
    async with ClubUnitOfWork(database) as transaction:
        for comment in (POISON, "behind it"):
            reviewed = BookReviewed(
                id=uuid7(), book_id=BOOKS[0], reviewer_id=BOOKS[0], rating=1, comment=comment
            )
            await transaction.eventstore.add(reviewed)
        await transaction.commit()
    await database.close()


async def forgive(place: Place) -> None:
    database = open_database(place.url)
    await AsyncSqlOutbox(database, eventstore).replay_dead_letters()
    await database.close()


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_a_writer_that_is_killed_at_its_commit_loses_nothing(place: Place, point: str) -> None:
    assert ended(start(writer, place, EVENTS, Death(point, 7))) == KILLED
    kept = 6 if point == "before commit" else 7
    assert found(place) == (Verdict(kept, 0, 0, 0), kept)
    assert ended(start(relayer, place, False, Death())) == 0
    assert found(place) == (Verdict(0, 0, 0, 0), 0)
    assert ended(start(writer, place, EVENTS - kept, Death())) == 0
    assert ended(start(relayer, place, False, Death())) == 0
    assert found(place) == (Verdict(0, 0, 0, 0), 0)


@pytest.mark.parametrize("point", ["after publish, before mark", "after mark"])
def test_a_relay_that_is_killed_at_its_mark_loses_nothing(place: Place, point: str) -> None:
    assert ended(start(writer, place, EVENTS, Death())) == 0
    assert ended(start(relayer, place, False, Death(point, 2))) == KILLED
    assert ended(start(relayer, place, False, Death())) == 0
    # A file tells what was sent again; the SQL stream takes each id once.
    again = 5 if point == "after publish, before mark" and place.lines else 0
    assert found(place) == (Verdict(0, 0, 0, again), 0)


def test_a_relay_that_is_killed_at_a_dead_letter_loses_nothing(place: Place) -> None:
    assert ended(start(writer, place, EVENTS, Death())) == 0
    asyncio.run(poison(place))
    assert ended(start(relayer, place, True, Death("mid dead letter"))) == KILLED
    assert ended(start(relayer, place, True, Death())) == 0
    assert found(place) == (Verdict(2, 0, 0, 0), 2)
    asyncio.run(forgive(place))
    assert ended(start(relayer, place, False, Death())) == 0
    assert found(place) == (Verdict(0, 0, 0, 0), 0)
