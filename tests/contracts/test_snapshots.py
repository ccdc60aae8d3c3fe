"""Schemas in files, and what today's classes may not do to them."""

import subprocess
import sys
from pathlib import Path

import pytest

from messagebus import ConfigurationError, Event, Metadata
from messagebus.contracts import Finding, Upcasters, check_snapshots, write_snapshots


class Sent(Event):
    parcel: str
    metadata: Metadata = Metadata(name="sent", schema_version=1, published=True)


class SentWithSender(Event):
    parcel: str
    sender: str
    metadata: Metadata = Metadata(name="sent", schema_version=1, published=True)


class SentInGrammes(Event):
    parcel: str
    grammes: int
    metadata: Metadata = Metadata(name="sent", schema_version=2, published=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_snapshots(tmp_path, [Sent])
    return tmp_path


def weighed() -> Upcasters:
    upcasters = Upcasters()
    upcasters.step("sent", 1)(lambda payload: {**payload, "grammes": 0})
    return upcasters


def test_stored_contracts_hold(folder: Path) -> None:
    assert check_snapshots(folder, [Sent]) == []


def test_a_message_without_a_stored_contract_is_found(tmp_path: Path) -> None:
    assert check_snapshots(tmp_path, [Sent]) == [
        Finding("sent_v1", False, "is new, and not written down yet.")
    ]


def test_a_break_under_the_same_version_is_named_with_the_remedy(folder: Path) -> None:
    (found,) = check_snapshots(folder, [SentWithSender])
    assert found.breaks
    assert "sender: new and required" in found.why
    assert 'raise schema_version to 2 and write an upcaster, step("sent", 1)' in found.why


def test_a_new_version_needs_an_upcaster_from_the_one_before(folder: Path) -> None:
    write_snapshots(folder, [SentInGrammes])
    (found,) = check_snapshots(folder, [SentInGrammes])
    assert (found.type, found.breaks) == ("sent_v1", True)
    assert 'step("sent", 1)' in found.why
    assert check_snapshots(folder, [SentInGrammes], weighed()) == []


def test_a_published_message_without_a_class_is_found(folder: Path) -> None:
    (found,) = check_snapshots(folder, [])
    assert found.breaks
    assert "delete sent_v1.json" in found.why


def test_two_upcasters_from_one_version_are_refused() -> None:
    upcasters = weighed()
    with pytest.raises(ConfigurationError, match="sent_v1 has two upcasters"):
        upcasters.step("sent", 1)(dict)


def check(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    module = "tests.contracts.test_snapshots"
    command = [sys.executable, "-m", "messagebus.contracts", str(folder), module]
    return subprocess.run(
        [*command, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )


def test_the_command_accepts_no_break(folder: Path) -> None:
    kept = folder.joinpath("sent_v1.json").read_text()
    folder.joinpath("sent_v1.json").write_text(kept.replace('"parcel"', '"letter"'))
    for options in ((), ("--accept",)):
        refused = check(folder, *options)
        assert refused.returncode == 1
        assert "letter: gone, or renamed" in refused.stdout
    assert "letter" in folder.joinpath("sent_v1.json").read_text()


def test_the_command_names_the_upcasters_it_is_given(folder: Path) -> None:
    refused = check(folder, "--upcasters", "tests.contracts.test_snapshots:NO_UPCASTERS")
    assert refused.returncode == 1


def test_a_module_that_cannot_be_imported_is_wrong_usage(folder: Path) -> None:
    for name in ("tests.no_such", "tests.contracts.test_snapshots:NONE"):
        refused = check(folder, "--upcasters", name)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr


NO_UPCASTERS = Upcasters()
