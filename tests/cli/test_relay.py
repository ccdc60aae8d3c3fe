"""The relay and the outbox on the command line, in this process and in processes that die."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import aclosing, contextmanager
from pathlib import Path
from zlib import crc32

import pytest
import sqlalchemy as sa
from stdnum.ean import calc_check_digit

from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import open_sync_database
from messagebus.contracts import UnreadableMessageError
from messagebus.relay import LostPositionError, decode
from reading_club.adapters.tables import eventstore
from tests.cli.conftest import Club, output
from tests.sql.conftest import rows, server_database, server_url
from tests.waiting import TIMEOUT, wait_until

__all__ = ["server_database", "server_url"]

ROOT = Path(__file__).parents[2]
BOOKS = [("Domain Driven Design", "0-321-12521-5"), ("Clean Code", "9780132350884")]


@pytest.fixture
def lines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the settings name as the stream."""
    path = folder / "stream.jsonl"
    monkeypatch.setenv("READING_CLUB_STREAM", path.as_uri())
    return path


def register(club: Club, *books: tuple[str, str]) -> None:
    for title, isbn in books:
        assert club("register", title, "--author", "A. U.", "--isbn", isbn).exit_code == 0


def titles(path: Path) -> list[str]:
    envelopes = [json.loads(line)["envelope"] for line in path.read_text().splitlines()]
    return [json.loads(envelope["payload"])["title"] for envelope in envelopes]


def keys(path: Path) -> list[str]:
    return [json.loads(line)["headers"]["stream_key"] for line in path.read_text().splitlines()]


def slot(key: str) -> int:
    return crc32(key.encode()) % 256


def test_the_relay_sends_each_committed_event_once(club: Club, lines: Path) -> None:
    register(club, *BOOKS)
    assert club("relay", "--once").stderr == "Sent 2.\n"
    assert club("relay", "--once").stderr == "Sent 0.\n"
    assert titles(lines) == ["Domain Driven Design", "Clean Code"]


def test_a_replay_sends_again_every_event_from_a_position_on(club: Club, lines: Path) -> None:
    register(club, *BOOKS)
    club("relay", "--once")
    assert club("relay", "--once", "--replay-from", "3").stderr == "Sent 1.\n"
    assert titles(lines) == ["Domain Driven Design", "Clean Code", "Clean Code"]


def test_two_shards_together_send_everything_once_and_each_key_is_in_one(
    club: Club, lines: Path
) -> None:
    isbns = [f"978{number:09}" for number in range(20)]
    books = [(f"Title {isbn}", f"{isbn}{calc_check_digit(isbn)}") for isbn in isbns]
    register(club, *books)
    club("reviewer", "Ada")
    for _, isbn in books:
        assert club("review", isbn, "--reviewer", "Ada", "--rating", 7).exit_code == 0
    first = club("relay", "--once", "--shard", "0/2").stderr
    keys_of_first = keys(lines)
    second = club("relay", "--once", "--shard", "1/2").stderr
    keys_of_second = keys(lines)[len(keys_of_first) :]
    assert first == f"Sent {len(keys_of_first)}.\n"
    assert second == f"Sent {len(keys_of_second)}.\n"
    assert {slot(key) % 2 for key in keys_of_first} == {0}
    assert {slot(key) % 2 for key in keys_of_second} == {1}
    assert len(keys_of_first) + len(keys_of_second) == 41
    assert len(set(keys_of_first + keys_of_second)) == 21
    assert club("relay", "--once").stderr == "Sent 0.\n"


@pytest.mark.parametrize(
    ("shard", "rule"),
    [
        ("first", "its index and how many there are"),
        ("1", "its index and how many there are"),
        ("-1/4", "its index and how many there are"),
        ("0/4/4", "its index and how many there are"),
        ("4/4", "there is no shard 4 of 4. Shards are counted from 0"),
        ("0/0", "there is no shard 0 of 0. Shards are counted from 0"),
        ("0/257", "there are at most 256"),
    ],
)
def test_a_shard_that_there_cannot_be_is_wrong_usage(club: Club, shard: str, rule: str) -> None:
    result = club("relay", "--once", f"--shard={shard}")
    assert result.exit_code == 2
    output = " ".join(result.stderr.split())
    assert f"--shard: '{shard}'" in output
    assert rule in output
    assert "Give INDEX/COUNT, as in 0/4 for the first of four." in output
    assert not Path("reading-club.db").exists()


def test_the_default_stream_is_a_table_of_the_same_database(club: Club) -> None:
    register(club, *BOOKS)
    assert club("relay", "--once").stderr == "Sent 2.\n"
    database = open_sync_database("sqlite:///reading-club.db")
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM stream")) == 2
    database.close()


def test_lines_go_to_standard_output(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", "-")
    register(club, *BOOKS)
    result = club("relay", "--once")
    assert [json.loads(line)["headers"]["position"] for line in result.stdout.splitlines()] == [
        "2",
        "4",
    ]


def test_an_unknown_stream_is_wrong_usage(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", "tcp://nowhere")
    result = club("relay", "--once")
    assert result.exit_code == 2
    assert "no stream of the" in result.stderr
    assert "READING_CLUB_STREAM" in result.stderr


def test_a_stream_that_takes_nothing_is_named_and_nothing_is_lost(club: Club, lines: Path) -> None:
    register(club, *BOOKS)
    lines.mkdir()
    result = club("relay", "--once")
    assert result.exit_code == 1
    assert "stream.jsonl took no lines" in result.stderr
    lines.rmdir()
    assert club("relay", "--once").stderr == "Sent 2.\n"


def consumed(path: Path, count: int) -> list[str]:
    """Titles that a consumer reads and acknowledges."""

    async def consume() -> list[str]:
        found = []
        async with (
            asyncio.timeout(TIMEOUT),
            aclosing(AsyncJsonLinesStream(path).consume("n")) as all_,
        ):
            for _ in range(count):
                delivery = await anext(all_)
                message = decode(delivery.body, delivery.headers)
                await delivery.ack()
                found.append(json.loads(message.envelope["payload"])["title"])
        return found

    return asyncio.run(consume())


def test_a_line_that_no_consumer_can_decode_is_skipped_by_a_command(
    club: Club, lines: Path
) -> None:
    register(club, BOOKS[0])
    club("relay", "--once")
    place = lines.stat().st_size
    with lines.open("a") as file:
        file.write("{\n")
    register(club, BOOKS[1])
    club("relay", "--once")
    assert consumed(lines, 1) == ["Domain Driven Design"]
    with pytest.raises(UnreadableMessageError):
        consumed(lines, 1)
    refused = club("stream", "skip", "0", "--consumer", "n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"stands at byte {place}, not 0" in refused.stderr
    assert club("stream", "skip", place, "--consumer", "n").stdout == f"Skipped {place}.\n"
    assert consumed(lines, 1) == ["Clean Code"]


def test_a_consumer_of_a_replaced_file_is_begun_anew_by_a_command(club: Club, lines: Path) -> None:
    register(club, BOOKS[0])
    club("relay", "--once")
    assert consumed(lines, 1) == ["Domain Driven Design"]
    lines.rename(f"{lines}.1")
    register(club, BOOKS[1])
    club("relay", "--once")
    with pytest.raises(LostPositionError):
        consumed(lines, 1)
    assert club("stream", "begin-anew", "--consumer", "m").exit_code == 1
    assert club("stream", "begin-anew", "--consumer", "n").stdout == "n begins anew.\n"
    assert consumed(lines, 1) == ["Clean Code"]


def test_an_output_has_no_consumer(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", "-")
    for command in (["skip", "0"], ["begin-anew"]):
        refused = club("stream", *command, "--consumer", "n")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "It stores no positions" in refused.stderr


def test_the_outbox_says_what_waits(club: Club) -> None:
    register(club, *BOOKS)
    status = output(club("outbox", "status", "--json"))
    assert status.pop("oldest_age") >= 0
    assert status == {"waiting": 2, "sent": 0, "parked": 0, "dead": 0, "leader": None}
    club("relay", "--once")
    lines = club("outbox", "status").stdout.splitlines()
    assert "sent        2  confirmed by the stream, and not deleted since" in lines
    assert all(len(line.split(maxsplit=2)[2]) > 20 for line in lines)


def edit(path: Path, **values: str) -> None:
    """Write SQL into the row of the first event, as somebody might by hand."""
    database = open_sync_database(f"sqlite:///{path}")
    with database.engine.begin() as connection:
        connection.execute(
            sa.update(eventstore.table)
            .where(eventstore.table.c.position == 2)
            .values({name: sa.literal_column(value) for name, value in values.items()})
        )
    database.close()


@pytest.mark.parametrize("value", ["CAST(x'7bff7d' AS TEXT)", "x'ff'"])
def test_an_event_that_is_no_text_is_named_and_the_others_are_shown(
    club: Club, folder: Path, value: str
) -> None:
    register(club, *BOOKS)
    edit(folder / "reading-club.db", payload=value)
    for listed in (club("events"), club("events", "--json")):
        assert listed.exit_code == 1
        assert "Clean Code" in listed.stdout
        assert "eventstore, position 2: the row is no message: its payload" in listed.stderr


def test_an_event_whose_payload_or_time_says_nothing_is_shown_as_it_is(
    club: Club, folder: Path
) -> None:
    register(club, *BOOKS)
    edit(folder / "reading-club.db", payload="'{\"torn'", created_at="'yesterday'")
    listed = club("events")
    assert (listed.exit_code, listed.stderr) == (0, "")
    assert listed.stdout.startswith('yesterday  register_book_v1\n  {"torn\n')
    assert "Clean Code" in listed.stdout


def dead_letter_first(path: Path) -> None:
    database = open_sync_database(f"sqlite:///{path}")
    with database.engine.begin() as connection:
        connection.execute(
            sa.update(eventstore.table)
            .where(eventstore.table.c.position == 2)
            .values(refused_at=sa.func.now(), refusal="too large")
        )
    database.close()


def test_dead_letters_are_listed_shown_replayed_and_purged(club: Club, folder: Path) -> None:
    register(club, *BOOKS)
    dead_letter_first(folder / "reading-club.db")
    assert "register_book_v1  too large" in club("dead-letters", "list").stdout
    listed = output(club("dead-letters", "list", "--json"))
    assert listed == output(club("dead-letters", "show", 2))
    assert (listed["position"], listed["refusal"]) == (2, "too large")
    assert json.loads(listed["envelope"]["payload"])["title"] == "Domain Driven Design"

    assert club("dead-letters", "show", 4).exit_code == 1
    assert club("dead-letters", "show", 10**20).exit_code == 2
    assert club("dead-letters", "replay", 2, 10**20).exit_code == 2
    mixed = club("dead-letters", "replay", 2, 4)
    assert (mixed.exit_code, mixed.stdout) == (1, "Replayed 1.\n")
    assert "no dead letters" in mixed.stderr
    assert club("dead-letters", "list").stdout == ""

    dead_letter_first(folder / "reading-club.db")
    assert club("dead-letters", "purge", 2).stdout == "Purged 1.\n"
    assert club("relay", "--once").stderr == "Sent 1.\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = f"sqlite:///{folder / 'club.db'}"
    if request.param == "postgresql":
        found = request.getfixturevalue("server_url")
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", found)
    return found


@contextmanager
def start(*arguments: str) -> Generator[subprocess.Popen[str], None, None]:
    """A relay, which is gone when the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "reading_club", "relay", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as relay:
        try:
            yield relay
        finally:
            relay.kill()


def test_when_the_leader_is_killed_the_next_relay_takes_over(
    url: str, club: Club, lines: Path
) -> None:
    register(club, BOOKS[0])
    with start() as first:
        wait_until(lambda: lines.exists() and len(titles(lines)) == 1)
        with start() as second:
            assert club("relay", "--once").exit_code == 1
            first.kill()
            first.wait()
            register(club, BOOKS[1])
            wait_until(lambda: len(titles(lines)) == 2)
            assert output(club("outbox", "status", "--json"))["leader"]
            second.send_signal(signal.SIGTERM)
            _, stderr = second.communicate(timeout=TIMEOUT)
    assert second.returncode == 0
    (line,) = stderr.splitlines()
    assert "published" in line
    assert titles(lines) == ["Domain Driven Design", "Clean Code"]


def test_after_the_retention_the_table_of_the_stream_is_emptied(
    club: Club, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(club, *BOOKS)
    club("relay", "--once")
    time.sleep(1.5)
    monkeypatch.setenv("READING_CLUB_RETENTION_DAYS", "0.000001")
    with start() as relay:
        wait_until(lambda: rows(folder / "reading-club.db", "SELECT * FROM stream") == [])
        relay.send_signal(signal.SIGTERM)
        relay.communicate(timeout=TIMEOUT)
    assert relay.returncode == 0


def test_each_shard_has_a_leader_of_its_own(url: str, club: Club, lines: Path) -> None:
    register(club, *BOOKS)
    with start("--shard", "0/2") as first:
        wait_until(lambda: club("relay", "--once", "--shard", "0/2").exit_code == 1)
        other = club("relay", "--once", "--shard", "1/2")
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=TIMEOUT)
    assert (first.returncode, other.exit_code) == (0, 0)
    assert sorted(titles(lines)) == ["Clean Code", "Domain Driven Design"]
