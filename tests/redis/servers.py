"""A Redis server of a test's own, which it may kill and start again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from messagebus.adapters.redis import AsyncRedisStream, RedisAddress, redis_address
from tests.requires import absent
from tests.waiting import wait_until


def redis_server() -> str:
    """The path of a Redis server: what REDIS_SERVER names, or `redis-server` on PATH."""
    named = os.environ.get("REDIS_SERVER", "redis-server")
    remedy = "install redis-server, or set REDIS_SERVER to its path"
    return shutil.which(named) or absent(f"there is no {named}", remedy)


class PrivateRedis:
    """A server on a free port, in a folder of its own, with an append-only file."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._program = redis_server()
        self._folder = folder
        self._options = options or ("--appendonly", "yes")
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port: int = listening.getsockname()[1]
        self.client: Any = Redis(port=self.port, retry=Retry(NoBackoff(), 0))

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stream(self, query: str = "") -> AsyncRedisStream:
        """A stream of the name `books`, read without a pause."""
        return AsyncRedisStream(self.address(query), poll=0.001)

    def address(self, query: str = "") -> RedisAddress:
        return redis_address(f"{self.url}{query}", "books")

    def start(self) -> None:
        own = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command = [self._program, *own, "--save", "", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._runs)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Let it answer nothing, and keep its connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        self.client.close()

    def _runs(self) -> bool:
        with contextlib.suppress(RedisError):
            return bool(self.client.ping())
        return False
