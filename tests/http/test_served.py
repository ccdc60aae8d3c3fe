"""The club as a process: a request goes in, and its news comes out."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.http.conftest import EVANS


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def url(tmp_path: Path) -> Generator[str, None, None]:
    port = str(free_port())
    environ = os.environ | {
        "READING_CLUB_DATABASE_URL": f"sqlite:///{tmp_path}/club.db",
        "READING_CLUB_STREAM": f"file://{tmp_path}/news.jsonl",
    }
    command = [sys.executable, "-m", "reading_club", "serve", "--port", port]
    with subprocess.Popen(command, env=environ) as server:
        yield f"http://127.0.0.1:{port}/books"
        server.terminate()


def test_what_is_registered_is_told(url: str, tmp_path: Path) -> None:
    def registered() -> bool:
        with suppress(httpx2.ConnectError):
            return httpx2.post(url, json=EVANS).status_code == 201
        return False

    news = tmp_path / "news.jsonl"
    until(registered)
    until(lambda: news.exists() and EVANS["title"] in news.read_text())
