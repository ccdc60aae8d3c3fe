"""The read model is built anew from the stream, and equals the club's own ratings."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from itertools import repeat

import pytest
import sqlalchemy as sa

from messagebus import TransactionError
from newsletter.adapters import rebuilding
from newsletter.adapters.queries import written_letters
from newsletter.adapters.tables import standings
from newsletter.bootstrap import IncompleteStreamError, Newsletter
from reading_club.adapters.tables import stream
from reading_club.bootstrap import ReadingClub
from tests.newsletter.club import ledger, publish, register, review, reviewer, shown
from tests.rounds import ROUNDS
from tests.waiting import TIMEOUT


async def test_a_rebuild_corrects_a_ranking_that_is_wrong(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    await review(club, await register(club, "Emma"), await reviewer(club, "Ada"), 9)
    await publish(club)
    await newsletter.consumer().run_once()
    await _run(newsletter, standings.update().values(total=1))
    assert await newsletter.rebuild() == 2
    assert await shown(newsletter) == await ledger(club)
    assert len(await written_letters(newsletter.database)) == 1


async def test_a_rebuild_equals_the_ledger_while_members_review_and_the_newsletter_consumes(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    books = [await register(club, f"Book {number}") for number in range(3)]
    members = [await reviewer(club, f"Member {number}") for number in range(5)]
    consumer = newsletter.consumer()
    consuming = asyncio.create_task(consumer.run())

    async def write() -> None:
        for stars, member in enumerate(members, start=1):
            for book in books:
                await review(club, book, member, stars)
                await publish(club)

    writing = asyncio.create_task(write())
    await newsletter.rebuild()
    await newsletter.rebuild()
    await writing
    await _until(lambda: _agree(club, newsletter))
    consumer.stop()
    await consuming
    assert len(await written_letters(newsletter.database)) == len(books)


async def test_a_message_after_the_rebuild_counts_in_the_new_ranking(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    emma, ada, bob = (
        await register(club, "Emma"),
        await reviewer(club, "Ada"),
        await reviewer(club, "Bob"),
    )
    await review(club, emma, ada, 9)
    await publish(club)
    await newsletter.rebuild()
    await review(club, emma, bob, 4)
    await publish(club)
    await newsletter.consumer().run_once()
    assert await shown(newsletter) == await ledger(club) == {emma.id: (2, 13)}


async def test_a_rebuild_of_a_purged_stream_has_to_be_asked_for(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    emma, ada = await register(club, "Emma"), await reviewer(club, "Ada")
    await review(club, emma, ada, 9)
    await publish(club)
    await newsletter.consumer().run_once()
    first = stream.table.delete().where(stream.table.c.position == 1)
    await club.database.run(lambda connection: connection.execute(first))
    with pytest.raises(IncompleteStreamError, match="--from-what-is-kept"):
        await newsletter.rebuild()
    await newsletter.rebuild(from_what_is_kept=True)
    assert await shown(newsletter) == await ledger(club)
    await club.database.run(lambda connection: connection.execute(stream.table.delete()))
    with pytest.raises(IncompleteStreamError):
        await newsletter.rebuild()
    assert await shown(newsletter) == await ledger(club)


async def test_a_second_rebuild_takes_over_from_the_first(
    club: ReadingClub, newsletter: Newsletter
) -> None:
    first, started_at = await newsletter.database.run(rebuilding.begin)
    await newsletter.database.run(rebuilding.begin)
    with pytest.raises(TransactionError, match="another rebuild"):
        await newsletter.database.run(
            lambda connection: rebuilding.switch(connection, first, started_at)
        )


KILLED = """
import asyncio, os, signal, sys
from pydantic import SecretStr
from newsletter.adapters import rebuilding
from newsletter.bootstrap import open_newsletter
from newsletter.config import Settings

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

own, club, where = sys.argv[1:]
switch = rebuilding.switch
if where == "before the switch":
    rebuilding.switch = kill
elif where == "in the switch":
    rebuilding.switch = lambda connection, **named: (switch(connection, **named), kill())

async def main():
    settings = Settings(database_url=SecretStr(own), stream=SecretStr(club))
    async with open_newsletter(settings) as newsletter:
        if where == "while it counts":
            asyncio.get_running_loop().call_later(0.05, kill)
        elif where == "after the switch":
            newsletter.stream.begin_anew = _killing(newsletter.stream.begin_anew)
        await newsletter.rebuild()

def _killing(call):
    called = []
    async def begin_anew(consumer):
        called.append(consumer)
        if len(called) == 2:
            kill()
        await call(consumer)
    return begin_anew

asyncio.run(main())
"""


KILLS = ROUNDS // 3
"""How often each window is hit: once, or 16 times by `nox -s tests -- --all`."""


def killed(urls: tuple[str, str], where: str) -> int:
    """The exit status of a process that kills itself there."""
    club, own = urls
    command = [sys.executable, "-c", KILLED, own, club, where]
    return subprocess.run(command, check=False, timeout=TIMEOUT).returncode


@pytest.mark.parametrize(
    "where", ["while it counts", "before the switch", "in the switch", "after the switch"]
)
async def test_a_killed_rebuild_changes_nothing_that_is_wrong_and_can_be_run_again(
    club: ReadingClub, newsletter: Newsletter, urls: tuple[str, str], where: str
) -> None:
    books = [await register(club, f"Book {number}") for number in range(3)]
    for stars in range(1, 4):
        member = await reviewer(club, f"Member {stars}")
        for book in books:
            await review(club, book, member, stars)
    await publish(club)
    await newsletter.consumer().run_once()
    expected = await ledger(club)
    for _ in range(KILLS):
        assert await asyncio.to_thread(killed, urls, where) == -signal.SIGKILL
        assert await shown(newsletter) == expected
        await newsletter.consumer().run_once()
        assert await shown(newsletter) == expected
    await newsletter.rebuild()
    assert await shown(newsletter) == expected
    assert len(await written_letters(newsletter.database)) == len(books)


async def _run(newsletter: Newsletter, statement: sa.Update) -> None:
    await newsletter.database.run(lambda connection: connection.execute(statement))


async def _agree(club: ReadingClub, newsletter: Newsletter) -> bool:
    return await shown(newsletter) == await ledger(club)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(TIMEOUT):
        for pause in repeat(0.05):
            if await holds():
                return
            await asyncio.sleep(pause)
