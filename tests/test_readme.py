"""The README's example is complete, short, and prints what it says."""

import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from reading_club.bootstrap import Settings
from tests.http.conftest import file_settings
from tests.http.test_process import serving
from tests.requires import absent
from tests.sql.conftest import file

__all__ = ["file", "file_settings"]

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


async def test_the_curl_lines_register_a_book_and_hear_of_it(file_settings: Settings) -> None:
    if not shutil.which("curl"):
        absent("there is no curl", "install curl")
    lines = re.findall(r"^curl .*$", README, flags=re.MULTILINE)
    assert len(lines) == 3
    async with serving(file_settings) as (_, client):
        commands = [
            line.replace("localhost:8001", str(client.base_url).rstrip("/")) for line in lines
        ]
        outputs = [await _run(each) for each in commands]
    made, shelf, told = outputs
    assert json.loads(shelf)["books"] == [json.loads(made)]
    assert "event: register_book_v1" in told


async def _run(line: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *shlex.split(line), "--silent", stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    return printed.decode()
