"""The newsletter's commands, as an operator types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.config import Settings
from reading_club.bootstrap import ReadingClub
from tests.newsletter.club import publish, register, review, reviewer
from tests.waiting import TIMEOUT


class Typed:
    """The commands, on the databases of one test."""

    def __init__(self, settings: Settings) -> None:
        self._environ = os.environ | {
            "NEWSLETTER_DATABASE_URL": settings.database_url.get_secret_value(),
            "NEWSLETTER_STREAM": settings.stream.get_secret_value(),
        }

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "newsletter", *arguments],
            env=self._environ | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )


@pytest.fixture
def urls(tmp_path: Path) -> tuple[str, str]:
    """Files alone: the commands do the same on PostgreSQL, and each is a process."""
    return f"sqlite:///{tmp_path}/club.db", f"sqlite:///{tmp_path}/newsletter.db"


@pytest.fixture
def newsletter(settings: Settings) -> Typed:
    return Typed(settings)


async def test_the_commands_show_what_was_consumed(club: ReadingClub, newsletter: Typed) -> None:
    book = await register(club, "Emma")
    await review(club, book, await reviewer(club, "Ada"), 9)
    assert newsletter("register").returncode == 0
    await publish(club)
    consumed = newsletter("consume", "--once")
    assert consumed.returncode == 0
    assert "Applied 2, ignored 1." in consumed.stderr
    (letter,) = map(json.loads, newsletter("letters", "--json").stdout.splitlines())
    assert set(letter) == {"id", "book_id", "title", "written_at"}
    assert (letter["title"], letter["book_id"]) == ("Emma", str(book.id))
    assert letter["written_at"].endswith(("Z", "+00:00"))
    (best,) = map(json.loads, newsletter("best", "--json").stdout.splitlines())
    assert best == {"book_id": str(book.id), "title": "Emma", "reviews": 1, "mean": 9.0}
    status = json.loads(newsletter("inbox", "status", "--json").stdout)
    assert (status["done"], status["waiting"], status["dead"]) == (3, 0, 0)
    assert newsletter("rebuild").stderr.strip() == "Rebuilt from 2."
    assert newsletter("db", "check").returncode == 0


def test_a_wrong_stream_is_named_and_not_shown(newsletter: Typed) -> None:
    refused = newsletter("consume", "--once", NEWSLETTER_STREAM="ftp://ada:secret@host/club")
    assert refused.returncode == 1
    assert "NEWSLETTER_STREAM is no address of a stream" in refused.stderr
    assert "secret" not in refused.stderr


def test_a_retention_below_the_writers_replay_is_refused(newsletter: Typed) -> None:
    refused = newsletter(
        "consume", "--once", NEWSLETTER_RETENTION_DAYS="1", NEWSLETTER_REPLAY_DAYS="7"
    )
    assert refused.returncode == 1
    assert "Set a longer retention" in " ".join(refused.stderr.split())


async def test_a_message_that_cannot_be_read_is_shown_and_purged(
    club: ReadingClub, newsletter: Typed, tmp_path: Path
) -> None:
    lines = tmp_path / "stream.jsonl"
    lines.write_bytes(b"\xff no message\n")
    address = {"NEWSLETTER_STREAM": f"file://{lines}"}
    assert newsletter("consume", "--once", **address).returncode == 0
    assert len(newsletter("dead-letters", "list").stdout.splitlines()) >= 1
    assert json.loads(newsletter("inbox", "status", "--json").stdout)["dead"] == 1
