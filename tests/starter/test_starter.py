"""Services made by the starter, each put through its own nox, as their owners would do it.

Not part of the tests that a bare pytest collects: each makes an environment of its own.
`nox -s starters` names this folder.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from starter.__main__ import main, template
from starter.bus import provided
from starter.derive import blank, read_plan
from starter.reserved import clash
from starter.words import answers, plural_of
from tests.starter.bare import bare

ROOT = Path(__file__).parents[2]


PARCELS = ("--name", "parcel_tracking", "--aggregate", "Parcel")
Refused = Callable[..., str]
EVERY = [(), ("http",), ("sql",)]
"""What is left out. The page "Your first hour" makes a service that has all."""


def new(
    folder: Path, name: str, aggregate: str, *options: str, checkout: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "starter", str(folder), "--name", name]
    return subprocess.run(
        [*command, "--aggregate", aggregate, *options],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )


def run(folder: Path, *command: str | Path) -> str:
    """What the command prints, run as the service's owner would."""
    ran = subprocess.run(
        command,
        cwd=folder,
        env=bare() | {"UV_SYSTEM_CERTS": "1"},  # as noxfiles do: uv trusts what pip trusts
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}"
    return ran.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of ours, for a test to take away."""
    left = shutil.ignore_patterns(".*", "__pycache__", "bench", "docs", "site", "tutorial")
    return shutil.copytree(ROOT, tmp_path / "checkout", ignore=left)


@pytest.mark.parametrize(
    "without", EVERY if os.environ.get("MESSAGEBUS_EVERY_STARTER") else EVERY[1:2], ids=" ".join
)
def test_a_new_service_holds_all_that_its_own_nox_asks(
    tmp_path: Path, checkout: Path, without: tuple[str, ...]
) -> None:
    options = [option for part in without for option in ("--without", part)]
    made = new(tmp_path / "service", "city_library", "APIKey", *options, checkout=checkout)
    assert (made.returncode, made.stderr) == (0, "")
    assert "APIKey has the plural APIKeys" in made.stdout
    checkout.rename(tmp_path / "elsewhere")
    folder = tmp_path.joinpath("service").rename(tmp_path / "moved")
    assert said_of_what_is_not_there(folder, without) == []

    demo = run(folder, sys.executable, "noxfile.py", "-s", "demo")
    assert "api_key_registered_v1" in demo
    ran = run(folder, sys.executable, "noxfile.py")
    for session in ("tests", "types", "lint", "layers", "contracts"):
        assert f"* {session}: success" in ran
    assert sorted(each.name for each in folder.joinpath("contracts").iterdir()) == [
        "api_key_registered_v1.json",
        "api_key_renamed_v1.json",
    ]
    for command in deployed(folder):
        run(folder, ".venv/bin/python", "-m", "city_library", *command, "--help")
    installed(folder, tmp_path / "environment")


def said_of_what_is_not_there(folder: Path, without: tuple[str, ...]) -> list[str]:
    """The lines with words of the club or of what is left out, a blank, or our folder's path."""
    plan = read_plan()
    opened = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
    parts = [plan.without[part].forbidden for part in plan.absent(without)]
    forbidden = re.compile("|".join([plan.forbidden, re.escape(str(ROOT)), opened, *parts]))
    files = [each for each in folder.rglob("*") if each.is_file() and each.suffix != ".whl"]
    texts = {str(each.relative_to(folder)): each.read_text(encoding="utf-8") for each in files}
    return [
        f"{file}: {line}"
        for file, text in texts.items()
        for line in [file, *text.splitlines()]
        if forbidden.search(line)
    ]


def deployed(folder: Path) -> list[list[str]]:
    """The commands that the service's unit and its container run."""
    texts = [each.read_text(encoding="utf-8") for each in folder.glob("deploy/*")]
    expected = re.findall(r"^Exec\w+=\S+ -m city_library (.*)$", "\n".join(texts), re.MULTILINE)
    expected += [
        each.replace('", "', " ")
        for each in re.findall(r'^CMD \["(.*)"\]$', "\n".join(texts), re.MULTILINE)
    ]
    return [each.split() for each in expected]


def installed(folder: Path, environment: Path) -> None:
    """Install a wheel of the service into a fresh environment, and run it there."""
    uv = [sys.executable, "-m", "uv", "-q"]
    run(folder, ".venv/bin/python", "-m", "hatchling", "build", "-t", "wheel")
    (wheel,) = folder.glob("dist/*.whl")
    run(folder, *uv, "venv", environment)
    locked = ["--find-links", "vendor", "-c", "requirements.lock"]
    run(folder, *uv, "pip", "install", "--python", environment, *locked, wheel)
    script = environment / "bin" / "city-library"
    if script.exists():
        database = ["--database", str(environment / "city.db")]
        run(environment, script, *database, "register", "The first")
        assert "The first" in run(environment, script, *database, "list")
    else:
        shutil.copytree(folder / "tests", environment / "tests")
        python = environment / "bin" / "python"
        assert "api_key_registered_v1" in run(environment, python, "-m", "tests.demo")


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refused:
    """Asks for a service that is refused; what is said then."""

    def ask(*options: str, folder: str = "service") -> str:
        monkeypatch.setattr(sys, "argv", ["new", str(tmp_path / folder), *options])
        before = sorted(tmp_path.rglob("*"))
        assert main() == 2
        assert sorted(tmp_path.rglob("*")) == before
        return capsys.readouterr().err

    return ask


@pytest.mark.parametrize(
    ("name", "aggregate", "expected"),
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
        ("signals", "Ok", "Ok, or Oks, is a word that the layout has for something else"),
    ],
)
def test_a_name_that_could_not_work_is_refused(
    name: str, aggregate: str, expected: str, refused: Refused
) -> None:
    assert expected in refused("--name", name, "--aggregate", aggregate)


@pytest.mark.parametrize(
    ("messagebus", "expected"),
    [
        ("../nowhere", "../nowhere is not there"),
        ("tests", "tests is neither a checkout of messagebus nor a wheel of it"),
        ("README.md", "README.md is neither a checkout of messagebus nor a wheel of it"),
        ("git+file:///nowhere/bus@v1", "git+file:///nowhere/bus@v1 cannot be read by git: fatal"),
        ("https://example.org/messagebus", "https://example.org/messagebus is no git address"),
    ],
)
def test_a_bus_that_cannot_be_had_is_refused(
    messagebus: str, expected: str, refused: Refused
) -> None:
    assert expected in refused(*PARCELS, "--messagebus", messagebus)


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


def test_a_plural_that_does_not_differ_is_refused(refused: Refused) -> None:
    expected = refused("--name", "films", "--aggregate", "Series", "--plural", "Series")
    assert "Series is no plural of Series: write one that differs" in expected


@pytest.mark.parametrize(
    ("aggregate", "plural", "many", "expected"),
    [
        ("Category", "Categories", "categories", "a category|categories"),
        ("Address", "Addresses", "addresses", "an address|addresses"),
        ("Box", "Boxes", "boxes", "a box|boxes"),
        ("Person", "People", "people", "a person|people"),
        ("Series", "SeriesList", "series_list", "a series|series"),
        ("Order", "Orders", "orders", "an order|orders"),
        ("SKU", "SKUs", "skus", "a SKU|SKUs"),
        ("SMS", "SMSes", "smses", "an SMS|SMSes"),
        ("S3Bucket", "S3Buckets", "s3_buckets", "an S3 bucket|S3 buckets"),
        ("URL", "URLs", "urls", "a URL|URLs"),
        ("Umbrella", "Umbrellas", "umbrellas", "an umbrella|umbrellas"),
        ("Unit", "Units", "units", "a unit|units"),
        ("APIKey", "APIKeys", "api_keys", "an API key|API keys"),
        ("PurchaseOrder", "PurchaseOrders", "purchase_orders", "a purchase order|purchase orders"),
    ],
)
def test_a_model_is_spoken_of_in_english(
    aggregate: str, plural: str, many: str, expected: str
) -> None:
    said_words = answers(aggregate, plural_of(aggregate))
    assert (said_words["Aggregates"], said_words["aggregates"]) == (plural, many)
    assert f"{said_words['a_word']}|{said_words['words']}" == expected


def test_a_word_is_taken_only_where_the_layout_still_has_it() -> None:
    files = dict(template())
    free = ["Claim", "Stream", "Book", "Review", "Message", "Session", "Calendar", "Key", "Item"]
    clashing = {each: clash(files, "mine", each, plural_of(each)) for each in [*free, "Depot"]}
    assert clashing == dict.fromkeys([*free, "Depot"])
    files[f"{blank('package')}/domain/model.py"] += "\n\nclass Depot: ...\n"
    assert clash(files, "mine", "Depot", "Depots") == "mine/domain/model.py"


def test_a_folder_within_a_file_is_refused(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "service").write_text("mine")
    assert "is a file" in refused(*PARCELS, folder="service/within")


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, refused: Refused) -> None:
    tmp_path.joinpath("mine.txt").write_text("mine")
    assert "not an empty folder" in refused(*PARCELS, folder=".")
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]
