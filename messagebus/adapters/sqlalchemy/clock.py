"""The database's clock, which all who write a table share."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

_EVER = timedelta(days=500_000)
"""Longer than any message has been kept, and not longer than databases can count."""


def ago(connection: sa.Connection, time: timedelta) -> sa.ColumnElement[Any]:
    """That long before now, to be compared with a column of the database's own times."""
    time = min(time, _EVER)
    if connection.dialect.name == "sqlite":
        return sa.func.datetime("now", f"-{time.total_seconds()} seconds")
    return sa.func.now() - time
