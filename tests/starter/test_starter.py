"""Services made by the starter, each put through its own nox, as their owners would do it.

Not part of the tests that a bare pytest collects: each makes an environment of its own.
`nox -s starters` names this folder.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from starter.__main__ import main, template
from starter.bus import provided
from starter.derive import blank, read_plan
from starter.reserved import clash
from starter.words import answers, plural_of
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
    made = new(folder, "city_library", "APIKey")
    assert (made.returncode, made.stderr) == (0, "")
    assert "APIKey has the plural APIKeys" in made.stdout
    folder = folder.rename(tmp_path / "moved")

    forbidden = re.compile(read_plan().forbidden)
    files = [each for each in folder.rglob("*") if each.is_file() and each.suffix != ".whl"]
    texts = {str(each.relative_to(folder)): each.read_text() for each in files}
    assert not [file for file, text in texts.items() if str(ROOT) in text], "it knows our folder"
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
    assert "Registered the API key The first." in demo.stdout
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
        ("exams", "Answer", "Answer, or Answers, is a word that the layout has"),
        ("box_office", "Event", "Event, or Events, is a word that the layout has"),
        ("bistro", "Table", "Table, or Tables, is a word that the layout has"),
        ("signals", "Ok", "Ok, or Oks, is a word that the layout has for something else"),
    ],
)
def test_a_name_that_could_not_work_is_refused(
    tmp_path: Path,
    name: str,
    aggregate: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["new", str(tmp_path / "service"), "--name", name, "--aggregate", aggregate]
    monkeypatch.setattr(sys, "argv", asked)
    assert main() == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "service").exists()


@pytest.mark.parametrize(
    ("messagebus", "said"),
    [
        ("../nowhere", "../nowhere is not there"),
        ("tests", "tests is neither a checkout of messagebus nor a wheel of it"),
        ("README.md", "README.md is neither a checkout of messagebus nor a wheel of it"),
        ("https://example.org/messagebus", "https://example.org/messagebus is no git address"),
    ],
)
def test_a_bus_that_cannot_be_had_is_refused(
    tmp_path: Path,
    messagebus: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["new", str(tmp_path / "service"), "--name", "parcel_tracking"]
    bus = ["--aggregate", "Parcel", "--messagebus", messagebus]
    monkeypatch.setattr(sys, "argv", [*asked, *bus])
    assert main() == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "service").exists()


def test_a_bus_of_git_is_named_and_a_wheel_is_brought_along(tmp_path: Path) -> None:
    address = "git+https://example.org/messagebus@v1"
    assert provided(address, tmp_path / "by-git") == f" @ {address}"
    assert not (tmp_path / "by-git").exists()
    version = provided(str(ROOT), tmp_path / "by-checkout")
    (wheel,) = (tmp_path / "by-checkout" / "vendor").iterdir()
    assert re.fullmatch(r"==0\.1\.0\+[0-9a-f]{12}", version)
    assert provided(str(wheel), tmp_path / "by-wheel") == version
    (copied,) = (tmp_path / "by-wheel" / "vendor").iterdir()
    assert copied.read_bytes() == wheel.read_bytes()


def test_a_plural_that_does_not_differ_is_refused(tmp_path: Path) -> None:
    refused = new(tmp_path / "service", "films", "Series", "--plural", "Series")
    assert refused.returncode == 2
    assert "Series is no plural of Series: write one that differs" in refused.stderr


@pytest.mark.parametrize(
    ("aggregate", "plural", "many", "said"),
    [
        ("Category", "Categories", "categories", "a category|categories"),
        ("Address", "Addresses", "addresses", "an address|addresses"),
        ("Box", "Boxes", "boxes", "a box|boxes"),
        ("Person", "People", "people", "a person|people"),
        ("Series", "SeriesList", "series_list", "a series|series"),
        ("Order", "Orders", "orders", "an order|orders"),
        ("SKU", "SKUs", "skus", "a SKU|SKUs"),
        ("SMS", "SMSes", "smses", "an SMS|SMSes"),
        ("APIKey", "APIKeys", "api_keys", "an API key|API keys"),
        ("PurchaseOrder", "PurchaseOrders", "purchase_orders", "a purchase order|purchase orders"),
    ],
)
def test_a_model_is_spoken_of_in_english(aggregate: str, plural: str, many: str, said: str) -> None:
    given = answers(aggregate, plural_of(aggregate))
    assert (given["Aggregates"], given["aggregates"]) == (plural, many)
    assert f"{given['a_word']}|{given['words']}" == said


def test_a_word_is_taken_only_where_the_layout_still_has_it() -> None:
    files = dict(template())
    free = ["Claim", "Stream", "Book", "Review", "Message", "Session", "Calendar", "Key", "Item"]
    clashing = {each: clash(files, "mine", each, plural_of(each)) for each in [*free, "Depot"]}
    assert clashing == dict.fromkeys([*free, "Depot"])
    files[f"{blank('package')}/domain/model.py"] += "\n\nclass Depot: ...\n"
    assert clash(files, "mine", "Depot", "Depots") == "mine/domain/model.py"


def test_a_folder_within_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused = new(tmp_path / "file" / "service", "parcel_tracking", "Parcel")
    assert refused.returncode == 2
    assert "is a file" in refused.stderr


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert new(tmp_path, "parcel_tracking", "Parcel").returncode == 2
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]
