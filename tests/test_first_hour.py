"""The diffs of the page "Your first hour" apply to a service as the starter makes it today.

`nox -s starters` follows the page to its end, in the service's own environment.
"""

import subprocess
from pathlib import Path

from starter.__main__ import blanks, render, template

ROOT = Path(__file__).parents[1]
DIFFS = ("memory", "table", "endpoint")
"""In the page's order."""


def test_each_diff_applies_to_a_derived_service(tmp_path: Path) -> None:
    values = {**blanks("parcel_tracking", "Parcel", "Parcels"), "messagebus": "", "vendored": False}
    render(template(), tmp_path, values)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for name in DIFFS:
        diff = ROOT / "starter" / "first_hour" / f"{name}.diff"
        applied = subprocess.run(
            ["git", "apply", diff], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert applied.returncode == 0, applied.stderr
