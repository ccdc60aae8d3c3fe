"""A consumer that is killed at the worst moments applies each message once, in order by its key."""

import asyncio
import signal
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import open_database
from messagebus.relay import StreamMessage
from tests.chaos.ledger import Committed, Verdict, judge
from tests.chaos.processes import ended, start
from tests.chaos.roles import Death
from tests.consumer.parts import applied, counted, inbox_of, metadata, publish
from tests.consumer.roles import ATTEMPTS, DEADLY, POINTS, POISON, consume_in_process

KILLED = -signal.SIGKILL
HITS = 10
SOUND = Verdict(0, 0, 0, 0)


def messages(count: int, special: int, every: int = 4) -> Sequence[StreamMessage]:
    """Messages of three keys, and between them some of a key of their own that are special."""
    return [
        counted(special, key=f"special {n}") if n % every == 0 else counted(n, key=f"k{n % 3}")
        for n in range(1, count + 1)
    ]


def prepare(url: str, sent: Sequence[StreamMessage]) -> None:
    async def work() -> None:
        database = open_database(url)
        await database.create(metadata)
        await publish(database, *sent)
        await database.close()

    asyncio.run(work())


def look(url: str, sent: Sequence[StreamMessage]) -> tuple[Verdict, int]:
    """The verdict on the effects, and the number of dead letters."""

    async def work() -> tuple[Verdict, int]:
        database = open_database(url)
        query = sa.select(applied.c.id).order_by(applied.c.number)
        found = await database.run(lambda each: each.scalars(query).all())
        dead = await inbox_of(database).dead_letters()
        await database.close()
        good = [each for each in sent if "special" not in each.headers["stream_key"]]
        truth = [Committed(each.envelope["id"], each.headers["stream_key"]) for each in good]
        return judge(truth, found), len(dead)

    return asyncio.run(work())


def consume(url: str, point: str | None = None, trusted: bool = True, broken: str = "") -> int:
    return ended(start(consume_in_process, url, Death(point), trusted, broken or None))


def die_at_each_point(url: str) -> None:
    """Let consumers die at each point, by both paths, until each was hit so often."""
    for hit in range(HITS):
        for point in POINTS:
            assert consume(url, point, trusted=hit % 2 == 0) == KILLED, f"nothing died {point}"


def test_a_consumer_that_is_killed_at_each_point_applies_each_message_once(url: str) -> None:
    sent = messages(100, POISON)
    prepare(url, sent)
    die_at_each_point(url)
    assert consume(url) == 0
    assert look(url, sent) == (SOUND, 25)


def test_a_message_that_kills_its_process_is_a_dead_letter_after_its_attempts(url: str) -> None:
    sent = messages(9, DEADLY, every=5)
    prepare(url, sent)
    # The first death is in a batch; the next process begins with that message, and counts.
    deaths = ATTEMPTS + 1
    assert [consume(url, trusted=False) for _ in range(deaths + 1)] == [*[KILLED] * deaths, 0]
    assert look(url, sent) == (SOUND, 1)


BROKEN = {
    "acknowledge first": POINTS[2],
    "own transaction": POINTS[1],
    "no inbox": POINTS[3],
}


@pytest.mark.parametrize(("broken", "point"), BROKEN.items(), ids=BROKEN.keys())
def test_a_consumer_that_breaks_a_rule_is_caught(sqlite_url: str, broken: str, point: str) -> None:
    sent = messages(10, POISON, every=99)
    prepare(sqlite_url, sent)
    for _ in range(3):
        assert consume(sqlite_url, point, broken=broken) == KILLED
    assert consume(sqlite_url, broken=broken) == 0
    assert look(sqlite_url, sent)[0] != SOUND


def test_a_consumer_that_counts_attempts_afterwards_is_caught(sqlite_url: str) -> None:
    prepare(sqlite_url, messages(1, DEADLY, every=1))
    broken = "attempts counted afterwards"
    deaths = ATTEMPTS + 2
    died = [consume(sqlite_url, trusted=False, broken=broken) for _ in range(deaths)]
    assert died == [KILLED] * deaths
