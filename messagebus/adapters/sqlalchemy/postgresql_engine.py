"""SQLAlchemy's engines for PostgreSQL: asyncpg on an event loop, psycopg elsewhere."""

import os
from collections.abc import Mapping
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event

from messagebus.adapters.sqlalchemy.errors import translate_driver_error
from messagebus.adapters.sqlalchemy.postgresql_timeouts import MARGIN, answer_timeout

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def postgresql_engine(
    url: sa.URL,
    *,
    statement_timeout: float,
    pool_size: int,
    timeout: float,
    transaction_pooling: bool = False,
) -> sa.Engine:
    """PostgreSQL for the sync variant, by psycopg; times are in seconds."""
    from messagebus.adapters.sqlalchemy.postgresql_psycopg import (
        BoundedConnection,
        connect_within,
    )

    parameters: dict[str, Any] = {}
    if transaction_pooling:
        parameters["prepare_threshold"] = None
    elif options := _options(url, statement_timeout):
        parameters["options"] = options
    if "connect_timeout" not in url.query:
        parameters["connect_timeout"] = ceil(timeout)
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=parameters,
        **_pool(pool_size, timeout),
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Any:
        connection = connect_within(
            lambda: BoundedConnection.connect(*arguments, **parameters), timeout + MARGIN
        )
        connection.timeout = answer_timeout(statement_timeout)
        return connection

    event.listen(engine, "handle_error", translate_driver_error)
    if transaction_pooling:
        _limit_each_transaction(engine, statement_timeout)
    return engine


def async_postgresql_engine(
    url: sa.URL,
    *,
    statement_timeout: float,
    pool_size: int,
    timeout: float,
    transaction_pooling: bool = False,
) -> "AsyncEngine":
    """PostgreSQL for the async variant; times are in seconds.

    The driver is asyncpg, or psycopg behind a pooler: asyncpg requires prepared statements.
    """
    # Imported here, since it loads SQLAlchemy's ORM: a tenth of a command's start on SQLite.
    from sqlalchemy.ext.asyncio import create_async_engine

    if transaction_pooling:
        url, parameters = _psycopg_parameters(url, statement_timeout, timeout)
    else:
        url, parameters = _asyncpg_parameters(url, statement_timeout, timeout)
    engine = create_async_engine(url, connect_args=parameters, **_pool(pool_size, timeout))
    event.listen(engine.sync_engine, "handle_error", translate_driver_error)
    if transaction_pooling:
        _limit_each_transaction(engine.sync_engine, statement_timeout)
    return engine


def _asyncpg_parameters(
    url: sa.URL, statement_timeout: float, timeout: float
) -> tuple[sa.URL, dict[str, Any]]:
    options = _options(url, statement_timeout)
    settings = {"options": options} if options else {}
    query = {name: value for name, value in url.query.items() if name != "options"}
    # URLs are written with libpq's names, which asyncpg doesn't know.
    name = query.pop("application_name", None) or os.environ.get("PGAPPNAME")
    if name is not None:
        settings["application_name"] = str(name)
    if (mode := query.pop("sslmode", None)) is not None:
        query["ssl"] = mode
    timeout = float(str(query.pop("connect_timeout", timeout)))
    url = url.set(drivername="postgresql+asyncpg", query=query)
    return url, {"server_settings": settings, "timeout": timeout}


def _psycopg_parameters(
    url: sa.URL, statement_timeout: float, timeout: float
) -> tuple[sa.URL, dict[str, Any]]:
    from messagebus.adapters.sqlalchemy.postgresql_psycopg import connect_async

    parameters: dict[str, Any] = {
        "prepare_threshold": None,
        "async_creator_fn": partial(
            connect_async, timeout + MARGIN, answer_timeout(statement_timeout)
        ),
    }
    if "connect_timeout" not in url.query:
        parameters["connect_timeout"] = ceil(timeout)
    return url.set(drivername="postgresql+psycopg"), parameters


def _limit_each_transaction(engine: sa.Engine, statement_timeout: float) -> None:
    """Set the limit in each transaction, since a pooler's sessions are shared by clients."""
    if not statement_timeout:
        return
    statement = f"SET LOCAL statement_timeout = {_milliseconds(statement_timeout)}"

    @event.listens_for(engine, "begin")
    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _options(url: sa.URL, statement_timeout: float) -> str:
    """The start-up options: ours first, then the user's, which override ours."""
    users = url.query.get("options", os.environ.get("PGOPTIONS", ""))
    users = users if isinstance(users, str) else " ".join(users)
    ours = f"-c statement_timeout={_milliseconds(statement_timeout)}" if statement_timeout else ""
    return f"{ours} {users}".strip()


def _pool(size: int, timeout: float) -> Mapping[str, Any]:
    return {
        "pool_size": size,
        "max_overflow": 0,
        "pool_timeout": timeout,
        "pool_reset_on_return": None,
    }
