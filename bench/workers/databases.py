"""Empty databases with the club's tables, which are gone at the end."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from reading_club.adapters.schema import upgrade

SERVER = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@contextmanager
def empty(database: str, folder: Path) -> Generator[str, None, None]:
    """The URL of a database of that kind."""
    if database == "sqlite":
        url = f"sqlite:///{folder / 'shelf.db'}"
        _upgrade(sa.make_url(url))
        yield url
        return
    name = f"messagebus_bench_{os.getpid()}"
    made = sa.make_url(SERVER).set(database=name)
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            _upgrade(made.set(drivername="postgresql+psycopg"))
            yield made.render_as_string(hide_password=False)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _upgrade(url: sa.URL) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
