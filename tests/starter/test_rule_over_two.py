"""A service's example of a rule over two aggregates sees what it is there for."""

import os
import subprocess
import sys
from pathlib import Path

from tests.requires import postgresql
from tests.starter.bare import bare
from tests.starter.test_starter import ROOT, new

REMEDY = """    if not await uow.example_owners.save(owner):
        raise StaleModelError(owner)
"""


def test_all_twelve_get_through_without_the_remedy_on_postgresql_alone(tmp_path: Path) -> None:
    postgresql()
    folder = tmp_path / "service"
    assert new(folder, "parcel_tracking", "Parcel").returncode == 0
    example = folder / "tests" / "sql" / "test_rule_over_two.py"
    text = example.read_text(encoding="utf-8")
    assert REMEDY in text
    example.write_text(text.replace(REMEDY, ""), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=short", str(example)],
        cwd=folder,
        env=bare() | {"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "assert 12 == 5" in ran.stdout, ran.stdout + ran.stderr
    (failed,) = [line for line in ran.stdout.splitlines() if line.startswith("FAILED")]
    assert "[postgresql]" in failed
