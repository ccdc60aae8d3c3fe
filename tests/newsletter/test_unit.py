"""The newsletter's unit for systemd, checked without a running systemd."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.requires import absent
from tutorial.book import ROOT

UNIT = ROOT / "newsletter" / "newsletter.service"


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze") or absent(
        "there is no systemd-analyze", "install systemd"
    )
    here = tmp_path / UNIT.name
    here.write_text(
        UNIT.read_text(encoding="utf-8").replace("/opt/newsletter/bin/python", sys.executable)
    )
    verified = subprocess.run(
        [analyze, "verify", here], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_unit_runs_commands_that_there_are() -> None:
    lines = re.findall(r"^Exec\w+=\S+ (.*)$", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        shown = subprocess.run(
            [sys.executable, *line.split(), "--help"],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert (shown.returncode, shown.stderr) == (0, ""), line
