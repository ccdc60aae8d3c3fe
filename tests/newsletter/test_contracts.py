"""The newsletter relies on fields that the club promises."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from messagebus.contracts import check_reader
from newsletter.domain.messages import CONSUMED
from tutorial.book import ROOT

CONTRACTS = ROOT / "contracts"


def test_each_field_that_the_newsletter_reads_is_promised_by_the_club() -> None:
    assert check_reader(CONTRACTS, CONSUMED) == []


def renamed(contract: dict[str, Any]) -> None:
    contract["properties"]["stars"] = contract["properties"].pop("rating")
    contract["required"].remove("rating")


def dropped(contract: dict[str, Any]) -> None:
    del contract["properties"]["rating"]
    contract["required"].remove("rating")


def made_optional(contract: dict[str, Any]) -> None:
    contract["required"].remove("rating")


def loosened(contract: dict[str, Any]) -> None:
    contract["properties"]["rating"]["type"] = "number"


@pytest.mark.parametrize("change", [renamed, dropped, made_optional, loosened])
def test_a_change_of_the_club_that_breaks_the_newsletter_is_found(
    change: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    shutil.copytree(CONTRACTS, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "book_reviewed_v1.json"
    contract = json.loads(file.read_text(encoding="utf-8"))
    change(contract)
    file.write_text(json.dumps(contract), encoding="utf-8")
    (finding,) = check_reader(tmp_path, CONSUMED)
    assert finding.type == "book_reviewed_v1"
    assert finding.breaks
    assert "rating" in finding.why


def test_a_field_that_the_newsletter_does_not_read_may_go(tmp_path: Path) -> None:
    shutil.copytree(CONTRACTS, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "book_reviewed_v1.json"
    contract = json.loads(file.read_text(encoding="utf-8"))
    del contract["properties"]["comment"]
    contract["required"].remove("comment")
    file.write_text(json.dumps(contract), encoding="utf-8")
    assert check_reader(tmp_path, CONSUMED) == []


def test_a_type_that_the_club_no_longer_publishes_is_found(tmp_path: Path) -> None:
    findings = check_reader(tmp_path, CONSUMED)
    assert len(findings) == len(CONSUMED)
    assert all("is not published" in each.why for each in findings)
