"""The README's example is complete, short, and prints what it says."""

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    assert found, f"the README has no block of {language}"
    return found[1]


def test_the_example_prints_what_the_readme_says() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", block("python")], capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == (block("console"), "")


def test_the_example_has_at_most_25_lines() -> None:
    assert len(block("python").splitlines()) <= 25


def test_every_file_that_the_readme_links_to_is_there() -> None:
    root = Path(__file__).parent.parent
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert [link for link in links if not (root / link).exists()] == []
