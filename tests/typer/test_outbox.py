"""The commands `outbox` and `dead-letters`."""

import json

import pytest
import typer

from messagebus.adapters.typer import parse_shard
from messagebus.relay import Shard
from tests.typer.conftest import Application, Run


def test_status_explains_each_number_to_people(run: Run) -> None:
    shown = run("outbox", "status").stdout.splitlines()
    assert [line.split()[:2] for line in shown] == [
        ["waiting", "3"],
        ["oldest_age", "1.5"],
        ["sent", "4"],
        ["parked", "1"],
        ["dead", "2"],
        ["leader", "-"],
    ]
    assert "`parcels dead-letters list` says why" in shown[4]


def test_status_is_one_json_object_for_programs(run: Run) -> None:
    status = json.loads(run("outbox", "status", "--json").stdout)
    assert list(status) == ["waiting", "oldest_age", "sent", "parked", "dead", "leader"]


def test_each_dead_letter_is_a_line_that_cannot_begin_another_one(run: Run) -> None:
    assert run("dead-letters", "list").stdout.splitlines() == [
        "2  2026-01-02 03:04:05  parcel_sent_v1  too\ufffdlarge",
        "5  2026-01-02 03:04:05  parcel_sent_v1  too\ufffdlarge",
    ]
    listed = map(json.loads, run("dead-letters", "list", "--json").stdout.splitlines())
    assert [each["position"] for each in listed] == [2, 5]


def test_a_dead_letter_is_shown_whole(run: Run) -> None:
    letter = json.loads(run("dead-letters", "show", "5").stdout)
    assert list(letter) == ["position", "refused_at", "refusal", "envelope", "headers"]
    assert letter["refusal"] == "too\nlarge"
    missing = run("dead-letters", "show", "3")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr == "there is no dead letter at 3\n"


@pytest.mark.parametrize(("command", "done"), [("replay", "Replayed"), ("purge", "Purged")])
def test_positions_without_a_dead_letter_end_the_command_with_1(
    run: Run, application: Application, command: str, done: str
) -> None:
    mixed = run("dead-letters", command, "2", "3")
    assert (mixed.exit_code, mixed.stdout) == (1, f"{done} 1.\n")
    assert mixed.stderr == "the other positions are no dead letters\n"
    assert [*application.outbox.dead] == [5]
    assert run("dead-letters", command, "5").exit_code == 0
    assert run("dead-letters", command, "0").exit_code == 2


def test_a_shard_is_written_as_its_index_and_their_number() -> None:
    assert parse_shard("1/4") == Shard(1, 4)
    for wrong in ("4/4", "1", "a/b", "-1/4"):
        with pytest.raises(typer.BadParameter, match="Give INDEX/COUNT"):
            parse_shard(wrong)
