"""Kills roles at random while they work, and asks the ledger for its verdict: `nox -s chaos`."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from typing import NamedTuple

from messagebus.adapters.sqlalchemy import AsyncSqlOutbox, open_database
from reading_club.adapters.tables import eventstore
from tests.chaos.ledger import Verdict, committed, in_file, in_table, judge
from tests.chaos.processes import ended, held_up, killed, start
from tests.chaos.roles import Death, Place, relayer, relayer_on, writer
from tests.sql.recount import miscounted

ROLES = ("writer", "writer", "relay", "relay")
FOR_EVER = 10**9
PAUSED = 0.2
"""The share of chosen processes that SIGSTOP stops for a while; the others are killed."""


class Outcome(NamedTuple):
    """The outcome for one database and one stream."""

    committed: int
    kills: Counter[str]
    pauses: Counter[str]
    verdict: Verdict
    waiting: int
    miscounted: int
    """The number of books whose rating differs from a recount of their reviews."""


async def look(place: Place) -> tuple[int, Verdict, int, int]:
    """Count committed events, waiting events and miscounted books, and ask for the verdict."""
    database = open_database(place.url)
    truth = await database.run(committed, read_only=True)
    if place.lines is None:
        delivered = await database.run(in_table, read_only=True)
    else:
        delivered = in_file(place.lines)
    status = await AsyncSqlOutbox(database, eventstore).status()
    wrong = len(await database.run(miscounted, read_only=True))
    await database.close()
    return len(truth), judge(truth, delivered), status.waiting + status.dead, wrong


def chaos(place: Place, seconds: float, seed: int) -> Outcome:
    """Let two writers and two relays work for so long, and now and then kill one, or hold it up."""
    chance = random.Random(seed)
    starts: dict[str, Callable[[], ForkServerProcess]] = {
        "writer": lambda: start(writer, place, FOR_EVER, Death()),
        "relay": lambda: start(relayer_on, place),
    }
    working = [starts[role]() for role in ROLES]
    kills: Counter[str] = Counter()
    pauses: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end or any(kills[role] == 0 for role in starts):
        time.sleep(chance.uniform(0.1, 0.5))
        which = chance.randrange(len(ROLES))
        if chance.random() < PAUSED:
            with held_up(working[which]):
                time.sleep(chance.uniform(0.1, 1))
            pauses[ROLES[which]] += 1
            continue
        killed(working[which])
        kills[ROLES[which]] += 1
        working[which] = starts[ROLES[which]]()
    for process in working:
        killed(process)
    if code := ended(start(relayer, place, False, Death())):
        raise AssertionError(f"the last relay ended with {code}: no other relay was left")
    count, verdict, waiting, wrong = asyncio.run(look(place))
    return Outcome(count, kills, pauses, verdict, waiting, wrong)
