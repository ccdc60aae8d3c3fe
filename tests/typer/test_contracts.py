"""The commands of `contracts`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from messagebus import Event, Metadata
from messagebus.adapters.typer import command_group, contract_commands
from messagebus.contracts.schemas import MessageType


class Sent(Event):
    name: str
    metadata: Metadata = Metadata(name="parcel_sent", schema_version=1, published=True)


class SentByWeight(Event):
    weight: int
    metadata: Metadata = Metadata(name="parcel_sent", schema_version=1, published=True)


Run = Callable[[str, MessageType], Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(command: str, message: MessageType) -> Result:
        app = command_group()
        app.add_typer(contract_commands(tmp_path, lambda: [message]), name="contracts")
        return CliRunner().invoke(app, ["contracts", command], prog_name="parcels")

    return run


def test_a_new_contract_is_named_until_it_is_accepted(run: Run) -> None:
    new = run("check", Sent)
    assert new.exit_code == 1
    assert "parcel_sent_v1 is new, and not written down yet" in new.stdout
    assert "`parcels contracts accept`" in new.stdout
    assert run("accept", Sent).exit_code == 0
    assert run("check", Sent).stdout == "1 contracts hold.\n"


def test_a_change_that_breaks_a_consumer_is_not_accepted(run: Run) -> None:
    run("accept", Sent)
    for command in ("check", "accept"):
        broken = run(command, SentByWeight)
        assert broken.exit_code == 1
        assert "parcel_sent_v1 name: " in broken.output
        assert "Write it down" not in broken.output
    assert run("check", Sent).exit_code == 0
