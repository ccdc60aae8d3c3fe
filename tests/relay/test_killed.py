"""What a killed process takes along."""

import json
import signal
import subprocess
import sys
from pathlib import Path


def run(folder: Path, what: str, number: int) -> int:
    command = [sys.executable, "-m", "tests.relay.desk", str(folder), what, str(number)]
    return subprocess.run(command, check=False).returncode


def news(folder: Path) -> list[str]:
    """The titles that were told, in order."""
    lines = (folder / "news.jsonl").read_text().splitlines()
    payloads = [json.loads(json.loads(line)["envelope"]["payload"]) for line in lines]
    return [payload["title"] for payload in payloads]


def test_news_of_an_evening(tmp_path: Path) -> None:
    assert run(tmp_path, "register", 0) == 0
    assert news(tmp_path) == ["Domain Driven Design"]


def test_what_was_committed_is_told_whoever_dies(tmp_path: Path) -> None:
    assert run(tmp_path, "die", 0) == -signal.SIGKILL
    assert run(tmp_path, "register", 1) == 0
    assert news(tmp_path) == ["Domain Driven Design", "Clean Code"]
