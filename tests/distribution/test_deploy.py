"""What `deploy/` holds, checked as far as it can be without a container or a running systemd."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.requires import absent

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze") or absent(
        "there is no systemd-analyze", "install systemd"
    )
    unit = DEPLOY.joinpath("reading-club.service").read_text(encoding="utf-8")
    here = tmp_path / "reading-club.service"
    here.write_text(unit.replace("/opt/club/bin/python", sys.executable))
    verified = subprocess.run(
        [analyze, "verify", here], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def test_unit_and_container_run_commands_that_there_are() -> None:
    texts = [each.read_text(encoding="utf-8") for each in DEPLOY.iterdir()]
    unit = re.findall(r"^Exec\w+=\S+ (.*)$", "\n".join(texts), flags=re.MULTILINE)
    (container,) = re.findall(r"^CMD \[(.*)\]$", "\n".join(texts), flags=re.MULTILINE)
    commands = [each.split()[2:] for each in unit] + [re.findall(r'"([^"]+)"', container)]
    assert len(commands) == 3
    for command in commands:
        shown = subprocess.run(
            [sys.executable, "-m", "reading_club", *command, "--help"],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert (shown.returncode, shown.stderr) == (0, ""), command


def test_the_container_installs_an_extra_that_there_is() -> None:
    text = DEPLOY.joinpath("Containerfile").read_text(encoding="utf-8")
    (extra,) = re.findall(r'"\.\[(.*)\]"', text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extra in project["optional-dependencies"]
