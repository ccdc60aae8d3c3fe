"""What is in the built wheel and the source distribution, and what an installed wheel can do."""

import json
import subprocess
import sys
import sysconfig
import tarfile
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
EXTRAS = {
    *("sqlalchemy", "sqlite3", "pytest", "typer", "rich", "result", "stdnum"),
    *("opentelemetry", "prometheus_client", "structlog", "messagebus.telemetry"),
}
LATE = {"venusian"}
"""What the bus needs only when the first handler is marked."""


def build(target: str, source: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    return ZipFile(build("wheel", ROOT, tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="module")
def installed(wheel: ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    wheel.extractall(folder)
    return folder


def run_installed(folder: Path, code: str) -> str:
    """Run `code` with the wheel and its dependencies, out of sight of the checkout.

    `-I` and `-S` leave out the working directory and the link of the editable install.
    """
    paths = [str(folder), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    program = f"import sys; sys.path[:0] = {paths!r}\n{code}"
    command = [sys.executable, "-I", "-S", "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_wheel_holds_the_bus_and_nothing_else(wheel: ZipFile) -> None:
    assert {name.partition("/")[0] for name in wheel.namelist()} == {
        "messagebus",
        "messagebus-0.1.0.dist-info",
    }


def test_the_wheel_says_that_it_is_typed(wheel: ZipFile) -> None:
    assert "messagebus/py.typed" in wheel.namelist()


def test_the_wheel_has_no_script_that_would_point_at_nothing(wheel: ZipFile) -> None:
    assert [name for name in wheel.namelist() if "entry_points" in name or ".data/" in name] == []


def test_the_wheel_asks_for_four_packages(wheel: ZipFile) -> None:
    metadata = wheel.read("messagebus-0.1.0.dist-info/METADATA").decode()
    lines = HeaderParser().parsestr(metadata).get_all("Requires-Dist", [])
    wanted = [Requirement(line) for line in lines]
    assert {one.name for one in wanted if one.marker is None} == {
        "lastuuid",
        "pydantic",
        "typing-extensions",
        "venusian",
    }


def test_the_installed_wheel_runs_without_the_club(installed: Path) -> None:
    code = """
import importlib.util, json, messagebus
print(json.dumps([messagebus.__file__, importlib.util.find_spec("reading_club")]))
"""
    file, club = json.loads(run_installed(installed, code))
    assert Path(file).is_relative_to(installed)
    assert club is None


def test_importing_the_bus_imports_none_of_the_extras_and_not_what_it_needs_later(
    installed: Path,
) -> None:
    code = "import messagebus, json; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(run_installed(installed, code)))
    assert loaded & (EXTRAS | LATE) == set()


def test_the_checkout_has_the_club_s_script() -> None:
    script = Path(sys.executable).parent / "reading-club"
    assert script.exists(), f"no {script}: install the checkout, as `python3 noxfile.py` does"
    answer = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "import" in answer.stdout


def test_the_source_distribution_builds_the_same_wheel(wheel: ZipFile, tmp_path: Path) -> None:
    archive = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    unpacked = tmp_path / "messagebus-0.1.0"
    again = ZipFile(build("wheel", unpacked, tmp_path / "wheel"))
    assert sorted(again.namelist()) == sorted(wheel.namelist())
