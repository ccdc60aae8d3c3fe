"""A database makes sessions on its engine."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from messagebus.adapters.sqlalchemy.postgresql import PooledSession
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession
from messagebus.adapters.sqlalchemy.sqlite import LineSession
from messagebus.adapters.sqlalchemy.sqlite_engine import sqlite_engine
from messagebus.errors import ConfigurationError

T = TypeVar("T")

TIMEOUT = 10.0
"""Seconds that a unit of work waits for another writer of an SQLite file."""


class AsyncSqlDatabase(ABC):
    """One database of an application; open it once and pass it to each unit of work."""

    @abstractmethod
    def session(self) -> AsyncSqlSession:
        """A session for one unit of work."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""

    async def run(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` in a transaction of its own, and commit it."""
        session = self.session()
        try:
            result = await session.run(function)
            await session.commit()
        finally:
            await session.rollback()
        return result

    async def create(self, metadata: sa.MetaData) -> None:
        """Create missing tables."""
        await self.run(metadata.create_all)


class PooledDatabase(AsyncSqlDatabase):
    """A database behind SQLAlchemy's `AsyncEngine`: a connection for each unit of work."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    def session(self) -> AsyncSqlSession:
        """A session on a connection of the pool."""
        return PooledSession(self.engine)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


class SqliteDatabase(AsyncSqlDatabase):
    """An SQLite file: one writer at a time."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._turn = asyncio.Lock()

    def session(self) -> AsyncSqlSession:
        """A session that takes the writer's turn."""
        return LineSession(self.engine, self._turn)

    async def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(url: str, *, timeout: float = TIMEOUT) -> AsyncSqlDatabase:
    """Open `postgresql://…` by asyncpg or `sqlite:///…`; another URL is a `ConfigurationError`.

    `timeout` is how many seconds a unit of work waits for another writer of an SQLite file.
    """
    parsed = sa.make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(sqlite_engine(parsed, timeout=timeout))
        case "postgresql":
            driver = parsed.set(drivername="postgresql+asyncpg")
            return PooledDatabase(create_async_engine(driver))
        case other:
            raise ConfigurationError(
                f"{other} is not known here: open_database knows postgresql:// and sqlite:///."
            )
