"""Requirements of some tests on the machine; a test without them is skipped with a reason.

Where everything has to be there, as in continuous integration, MESSAGEBUS_REQUIRE_ALL=1 turns
each such skip into a failure.
"""

import os
import shutil
import socket
from glob import glob
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest


def absent(what: str, remedy: str) -> NoReturn:
    """Skip the test that asks, or fail it where MESSAGEBUS_REQUIRE_ALL is set."""
    reason = f"{what}: {remedy}"
    if os.environ.get("MESSAGEBUS_REQUIRE_ALL"):
        pytest.fail(f"{reason} (MESSAGEBUS_REQUIRE_ALL allows no skip)", pytrace=False)
    pytest.skip(reason)


def chromium() -> str:
    """The path of a Chromium: what CHROMIUM names, or Debian's on PATH."""
    named = os.environ.get("CHROMIUM", "chromium")
    found = shutil.which(named)
    return found or absent(f"there is no {named}", "install chromium, or set CHROMIUM to its path")


def postgresql() -> str:
    """The URL of a PostgreSQL in which tests may make databases: TEST_POSTGRESQL_URL, or local."""
    named = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    url = urlsplit(named)
    try:
        socket.create_connection((url.hostname or "127.0.0.1", url.port or 5432), 2).close()
    except OSError:
        absent(
            f"there is no PostgreSQL at {url.hostname}:{url.port or 5432}",
            "start one, or set TEST_POSTGRESQL_URL",
        )
    return named


def postgresql_programs() -> Path:
    """The folder of `initdb` and `postgres`, for a server of a test's own: on PATH, or Debian's."""
    on_path = shutil.which("initdb")
    found = on_path or max(glob("/usr/lib/postgresql/*/bin/initdb"), default=None)
    return Path(found or absent("there is no initdb", "install PostgreSQL's server")).parent
