"""The command line, run in this process on a database of the test's own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lastuuid import uuid7
from typer.testing import CliRunner, Result

from ‹package›.entrypoints.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    database = ("--database", str(tmp_path / "test.db"))
    return lambda *arguments: CliRunner().invoke(app, [*database, *arguments])


def test_a_registered_‹aggregate›_is_listed_and_published(run: Run) -> None:
    assert run("register", "The first").exit_code == 0
    (listed,) = json.loads(run("list", "--json").stdout)
    assert listed["name"] == "The first"
    assert json.loads(run("events", "--json").stdout)["type"] == "‹aggregate›_registered_v1"
    assert run("relay", "--once").stderr == "Sent 1.\n"


def test_a_command_that_breaks_a_rule_changes_nothing(run: Run) -> None:
    run("register", "The first")
    refused = run("register", "The first")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "The first" in refused.stderr
    assert len(json.loads(run("list", "--json").stdout)) == 1


def test_a_renamed_‹aggregate›_is_listed_under_its_new_name(run: Run) -> None:
    run("register", "The first")
    run("register", "The second")
    ids = [each["id"] for each in json.loads(run("list", "--json").stdout)]
    assert run("rename", ids[0], "The last").exit_code == 0
    listed = json.loads(run("list", "--json").stdout)
    assert [each["name"] for each in listed] == ["The last", "The second"]
    for id, name in ((ids[1], "The last"), (str(uuid7()), "Another")):
        assert run("rename", id, name).exit_code == 1
    assert json.loads(run("list", "--json").stdout) == listed


def test_the_tables_are_those_of_this_release(run: Run) -> None:
    run("db", "upgrade")
    assert run("db", "check").exit_code == 0
