"""The relay's databases are those of the SQL tests."""

from tests.sql.conftest import (
    each_database,
    each_url,
    file,
    server_database,
    server_folder,
    server_url,
)
from tests.sql.test_faults import server

__all__ = [
    "each_database",
    "each_url",
    "file",
    "server",
    "server_database",
    "server_folder",
    "server_url",
]
