"""The club as a process: a request goes in, and its news comes out."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.http.conftest import EVANS
from tests.waiting import TIMEOUT, wait_until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


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
            return httpx2.post(url, json=EVANS, timeout=TIMEOUT).status_code == 201
        return False

    news = tmp_path / "news.jsonl"
    wait_until(registered)
    wait_until(lambda: news.exists() and EVANS["title"] in news.read_text())
