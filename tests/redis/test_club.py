"""The club's relay, whose stream is a Redis."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Club, club, folder
from tests.redis.servers import PrivateRedis

__all__ = ["club", "folder"]

BOOK = ("register", "Clean Code", "--author", "Robert Martin", "--isbn", "9780132350884")


def titles(redis: PrivateRedis, stream: str) -> Sequence[str]:
    bodies = [json.loads(fields[b"body"]) for _, fields in redis.client.xrange(stream)]
    return [json.loads(each["payload"])["title"] for each in bodies]


def test_the_relay_sends_what_was_committed_to_redis(
    club: Club, redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", redis.url)
    assert club(*BOOK).exit_code == 0
    assert club("relay", "--once").stderr == "Sent 1.\n"
    assert club("relay", "--once").stderr == "Sent 0.\n"
    assert titles(redis, "reading_club") == ["Clean Code"]


def test_two_clubs_share_a_redis_by_the_names_of_their_streams(
    club: Club, redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert club(*BOOK).exit_code == 0
    monkeypatch.setenv("READING_CLUB_STREAM", f"{redis.url}?stream=north&format=cloudevents")
    assert club("relay", "--once").stderr == "Sent 1.\n"
    ((_, fields),) = redis.client.xrange("north")
    event = json.loads(fields[b"body"])
    assert (event["specversion"], event["source"]) == ("1.0", "/north")
    assert event["data"]["title"] == "Clean Code"
    assert redis.client.keys() == [b"north"]


def test_a_consumer_of_a_redis_begins_anew_by_a_command(
    club: Club, redis: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", redis.url)
    assert club("stream", "begin-anew", "--consumer", "letters").exit_code == 1
    redis.client.xgroup_create("reading_club", "letters", mkstream=True)
    assert club("stream", "begin-anew", "--consumer", "letters").exit_code == 0


@pytest.mark.parametrize("password", ["", "ann:sesame@"])
def test_a_relay_without_its_redis_says_so_and_shows_neither_password_nor_payload(
    club: Club, folder: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", f"redis://{password}127.0.0.1:1/0")
    assert club(*BOOK).exit_code == 0
    failed = club("relay", "--once")
    assert failed.exit_code == 1
    assert "Redis took none of 1 messages for the stream 'reading_club'" in failed.stderr
    assert "127.0.0.1" in failed.stderr
    assert "sesame" not in failed.output
    assert "Clean Code" not in failed.output


def test_a_club_without_redis_py_says_what_to_install(
    club: Club, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", "redis://127.0.0.1:1/0")
    for name in [*sys.modules]:
        if name.startswith(("redis", "messagebus.adapters.redis")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "redis", None)
    failed = club("relay", "--once")
    assert failed.exit_code == 1
    assert "install messagebus[redis]" in failed.stderr
