"""Requirements of some tests on the machine; a test without them is skipped with a reason."""

import os
import socket
from urllib.parse import urlsplit

import pytest


def postgresql() -> str:
    """The URL of a PostgreSQL in which tests may make databases: TEST_POSTGRESQL_URL, or local."""
    named = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    url = urlsplit(named)
    try:
        socket.create_connection((url.hostname or "127.0.0.1", url.port or 5432), 2).close()
    except OSError:
        pytest.skip("there is no PostgreSQL: start one, or set TEST_POSTGRESQL_URL")
    return named
