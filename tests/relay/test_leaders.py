"""One leader of an SQLite file leads at a time, by a lock file that still has its name."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest

from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    DatabaseUnavailableError,
    leader_of,
    open_database,
)
from messagebus.relay import AsyncRelay, LedElsewhereError, Shard, StreamMessage
from tests.relay.fakes import Leader, Outbox, Stream, waiting
from tests.relay.test_sql_outbox import lent, metadata, publish, table, taken


@pytest.fixture
async def sqlite(file: Path) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = open_database(f"sqlite:///{file}")
    await database.create(metadata)
    yield database
    await database.close()


def lock_of(file: Path) -> Path:
    (lock,) = file.parent.glob(f"{file.name}*.lock")
    return lock


def delete(lock: Path) -> None:
    lock.unlink()


def replace(lock: Path) -> None:
    lock.with_suffix(".other").touch()
    lock.with_suffix(".other").rename(lock)


def move(lock: Path) -> None:
    lock.rename(lock.with_suffix(".moved"))


def link_elsewhere(lock: Path) -> None:
    lock.unlink()
    lock.with_suffix(".target").touch()
    lock.hardlink_to(lock.with_suffix(".target"))


LOSSES = [delete, replace, move, link_elsewhere]


@pytest.mark.parametrize("lose", LOSSES)
async def test_a_leader_whose_lock_file_is_gone_or_another_stops_and_a_second_leads(
    sqlite: AsyncSqlDatabase, file: Path, lose: Callable[[Path], None]
) -> None:
    first, second = leader_of(sqlite, table), leader_of(sqlite, table)
    assert await first.try_acquire()
    lose(lock_of(file))
    assert await second.try_acquire()
    assert not await first.try_acquire()
    assert await second.try_acquire()
    await second.release()
    assert await first.try_acquire()
    await first.release()


async def test_a_leader_whose_lock_file_is_gone_acquires_the_lock_again(
    sqlite: AsyncSqlDatabase, file: Path
) -> None:
    first, second = leader_of(sqlite, table), leader_of(sqlite, table)
    assert await first.try_acquire()
    delete(lock_of(file))
    assert await first.try_acquire()
    assert not await second.try_acquire()
    await first.release()


class Losing(AsyncJsonLinesStream):
    """Loses the leader's lock to another while the first batch is on its way."""

    lose: Callable[[], None] = staticmethod(lambda: None)

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        confirmed = await super().publish(batch)
        self.lose()
        return confirmed


@pytest.mark.parametrize("lose", LOSSES)
async def test_a_relay_sends_no_further_batch_when_its_lock_was_taken(
    sqlite: AsyncSqlDatabase, file: Path, tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    await publish(sqlite, *lent("a1", "a2", "a3"))
    outbox, other = AsyncSqlOutbox(sqlite, table), leader_of(sqlite, table)
    stream = Losing(tmp_path / "stream.jsonl")
    taking: list[asyncio.Task[bool]] = []

    def take() -> None:
        if not taking:
            lose(lock_of(file))
            taking.append(asyncio.create_task(other.try_acquire()))

    stream.lose = take
    with pytest.raises(LedElsewhereError):
        await AsyncRelay(outbox, stream, leader_of(sqlite, table), batch=1).drain()
    assert await taking[0]
    assert len(await outbox.waiting(9)) == 2
    await AsyncRelay(outbox, stream, other, batch=1).drain()
    assert await taken(stream, 3) == ["a1", "a2", "a3"]


async def test_a_relay_that_drains_stops_when_it_leads_no_more() -> None:
    leader, outbox = Leader(), Outbox(waiting(1), waiting(2))

    class Last(Stream):
        async def publish(self, batch: Sequence[StreamMessage]) -> int:
            leader.free = False
            return await super().publish(batch)

    stream = Last()
    with pytest.raises(LedElsewhereError):
        await AsyncRelay(outbox, stream, leader, batch=1).drain()
    assert stream.taken == ["m1"]


def copy_over(file: Path) -> None:
    file.rename(f"{file}.earlier")
    Path(f"{file}.earlier").with_name("other.db").touch()
    Path(f"{file}.earlier").with_name("other.db").rename(file)


def move_database(file: Path) -> None:
    file.rename(f"{file}.earlier")


@pytest.mark.parametrize("lose", [copy_over, move_database])
async def test_a_leader_whose_database_was_moved_or_replaced_leads_no_more(
    sqlite: AsyncSqlDatabase, file: Path, lose: Callable[[Path], None]
) -> None:
    first = leader_of(sqlite, table)
    assert await first.try_acquire()
    lose(file)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailableError, match="was moved or replaced"):
            await first.try_acquire()
    moved = open_database(f"sqlite:///{file}.earlier")
    second = leader_of(moved, table)
    assert await second.try_acquire()
    await second.release()
    await moved.close()


@pytest.mark.parametrize("name", ["a.db", "z.db"])
@pytest.mark.parametrize("shard", [None, Shard(1, 2)])
async def test_a_file_with_two_names_has_one_leader(
    sqlite: AsyncSqlDatabase, file: Path, name: str, shard: Shard | None
) -> None:
    first = leader_of(sqlite, table)
    assert await first.try_acquire()
    os.link(file, file.with_name(name))
    linked = open_database(f"sqlite:///{file.with_name(name)}")
    second = leader_of(linked, table, shard)
    assert not await second.try_acquire()
    await first.release()
    assert await second.try_acquire()
    assert not await first.try_acquire()
    await second.release()
    await linked.close()


async def test_a_relative_path_names_the_same_leader_lock(
    sqlite: AsyncSqlDatabase, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    relative = open_database(f"sqlite:///{file.name}")
    first, second = leader_of(sqlite, table), leader_of(relative, table)
    assert await first.try_acquire()
    assert not await second.try_acquire()
    await first.release()
    await relative.close()


async def test_a_foreign_file_beside_the_lock_is_ignored(
    sqlite: AsyncSqlDatabase, file: Path
) -> None:
    for strange in ("x-of-y", "3-of-2", "1-of-2-of-3"):
        file.with_name(f"{file.name}-eventstore-relay-{strange}.lock").touch()
    leader = leader_of(sqlite, table)
    assert await leader.try_acquire()
    await leader.release()
