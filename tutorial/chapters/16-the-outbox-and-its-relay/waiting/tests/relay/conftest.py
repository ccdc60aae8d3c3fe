"""The relay's databases are those of the SQL tests."""

from tests.sql.conftest import each_database, each_url, file, server_url

__all__ = ["each_database", "each_url", "file", "server_url"]
