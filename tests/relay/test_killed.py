"""The books that are announced when a process is killed."""

import json
import signal
import subprocess
import sys
from pathlib import Path


def run(folder: Path, what: str, number: int) -> int:
    command = [sys.executable, "-m", "tests.relay.writer_process", str(folder), what, str(number)]
    return subprocess.run(command, check=False).returncode


def news(folder: Path) -> list[str]:
    """The announced titles, in order."""
    lines = (folder / "news.jsonl").read_text().splitlines()
    payloads = [json.loads(json.loads(line)["envelope"]["payload"]) for line in lines]
    return [payload["title"] for payload in payloads]


def test_a_registered_book_is_announced(tmp_path: Path) -> None:
    assert run(tmp_path, "register", 0) == 0
    assert news(tmp_path) == ["Domain Driven Design"]


def test_a_committed_book_is_announced_although_its_process_was_killed(tmp_path: Path) -> None:
    assert run(tmp_path, "die", 0) == -signal.SIGKILL
    assert run(tmp_path, "register", 1) == 0
    assert news(tmp_path) == ["Domain Driven Design", "Clean Code"]
