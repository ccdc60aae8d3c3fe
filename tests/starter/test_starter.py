"""Services made by the starter, each put through its own nox, as their owners would do it.

Not part of the tests that a bare pytest collects: each makes an environment of its own.
`nox -s starters` names this folder.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from starter.derive import read_plan
from tests.starter.bare import bare

ROOT = Path(__file__).parents[2]


def new(folder: Path, name: str, aggregate: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "starter", str(folder), "--name", name]
    return subprocess.run(
        [*command, "--aggregate", aggregate, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def nox(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "noxfile.py", *options],
        cwd=folder,
        env=bare(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_service_holds_all_that_its_own_nox_asks(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    made = new(folder, "city_library", "LibraryCard", "--plural", "LibraryCards")
    assert (made.returncode, made.stderr) == (0, "")

    forbidden = re.compile(read_plan().forbidden)
    files = [each for each in folder.rglob("*") if each.is_file() and each.suffix != ".lock"]
    # Where this checkout lies may say anything: most people's folder is called reading-club.
    checkout = ROOT.as_uri()
    texts = {
        str(each.relative_to(folder)): each.read_text().replace(checkout, "") for each in files
    }
    said = [
        f"{file}: {line}"
        for file, text in texts.items()
        for line in [file, *text.splitlines()]
        if forbidden.search(line)
    ]
    assert said == [], "the club is still spoken of"
    blank = re.compile("[\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}]")
    assert not [file for file, text in texts.items() if blank.search(text)]

    demo = nox(folder, "-s", "demo")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "Registered the library_card The first." in demo.stdout
    ran = nox(folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for session in ("tests", "types", "lint", "layers"):
        assert f"* {session}: success" in ran.stderr


@pytest.mark.parametrize(
    ("name", "aggregate", "said"),
    [
        ("ParcelTracking", "Parcel", "ParcelTracking is no name for a package"),
        ("json", "Parcel", "json is no name for a package"),
        ("messagebus", "Parcel", "messagebus is a package that the service imports"),
        ("starlette", "Parcel", "starlette is a package that the service imports"),
        ("nox", "Parcel", "nox is a package that the service imports"),
        ("parcels", "parcel", "parcel is no name for a model"),
        ("parcels", "Class", "Class is no name for a model"),
        ("exams", "Answer", "Answer is a word that the layout has for something else"),
        ("box_office", "Event", "Event is a word that the layout has for something else"),
        ("bistro", "Table", "Table is a word that the layout has for something else"),
    ],
)
def test_a_name_that_could_not_work_is_refused(
    tmp_path: Path, name: str, aggregate: str, said: str
) -> None:
    refused = new(tmp_path / "service", name, aggregate)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert not (tmp_path / "service").exists()


def test_names_that_clash_otherwise_leave_nothing_behind(tmp_path: Path) -> None:
    refused = new(tmp_path / "service", "signals", "Ok")
    assert refused.returncode == 2
    assert "nothing was written: take others" in refused.stderr
    assert not (tmp_path / "service").exists()


def test_a_folder_within_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused = new(tmp_path / "file" / "service", "parcel_tracking", "Parcel")
    assert refused.returncode == 2
    assert "is a file" in refused.stderr


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert new(tmp_path, "parcel_tracking", "Parcel").returncode == 2
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]
