"""Roles as processes, which start fast: a server that has imported their modules forks them."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess

from tests.waiting import TIMEOUT

_context = multiprocessing.get_context("forkserver")
# The first connection to a server imports these, which each process would do anew.
_ASYNCPG = ["asyncpg", "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.ext.asyncio"]
_context.set_forkserver_preload(["tests.chaos.roles", "tests.consumer.roles", *_ASYNCPG])


def start(role: Callable[..., None], *args: object) -> ForkServerProcess:
    """Start a role; it ends with this process at the latest."""
    process = _context.Process(target=role, args=args, daemon=True)
    process.start()
    return process


def ended(process: ForkServerProcess) -> int:
    """The exit code of a process that is to end by itself, or by its own failpoint."""
    process.join(TIMEOUT)
    code = process.exitcode
    if code is None:
        process.kill()
        raise AssertionError(f"{process.name} did not end within {TIMEOUT:g} s")
    process.close()
    return code


def killed(process: ForkServerProcess) -> None:
    """Kill it as `kill -9` does, and wait for its end."""
    process.kill()
    process.join(TIMEOUT)
    process.close()


@contextmanager
def held_up(process: ForkServerProcess) -> Generator[None, None, None]:
    """Stop a process within the block, with all that it holds."""
    pid = process.pid
    if pid is None:
        raise AssertionError(f"{process.name} was never started")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
