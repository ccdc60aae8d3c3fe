"""How outbox and stream are asked for some of their rows: by positions, and in their order."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


def chosen(position: sa.ColumnElement[int]) -> Mapping[str, sa.ColumnElement[bool]]:
    """Positions by one parameter: an `IN` of a hundred is compiled and parsed for each batch."""
    listed = sa.func.json_each(sa.bindparam("positions")).table_valued("value")
    array = sa.bindparam("positions", type_=postgresql.ARRAY(sa.BigInteger))
    return {
        "sqlite": position.in_(sa.select(listed.c.value)),
        "postgresql": position == sa.func.any(array),
    }


def walk_indexes(connection: sa.Connection) -> None:
    """Let PostgreSQL walk the index from its beginning in this transaction, and stop after a batch.

    Its statistics know of few that wait: it would gather and sort all of them, every time.
    """
    if connection.dialect.name == "postgresql":
        unwanted = ("enable_bitmapscan", "enable_seqscan", "enable_sort")
        connection.execute(sa.select(*(sa.func.set_config(name, "off", True) for name in unwanted)))


def old_rows(
    table: sa.Table, consumers: sa.Table, before: sa.ColumnElement[Any], limit: int
) -> sa.Delete:
    """Delete what is old and acknowledged, of the first `limit`: there is no index by time."""
    columns = table.c
    first = (
        sa.select(columns.position, columns.published_at)
        .order_by(columns.position)
        .limit(limit)
        .subquery()
    )
    acknowledged = sa.select(sa.func.min(consumers.c.position)).scalar_subquery()
    old = sa.select(first.c.position).where(
        first.c.published_at < before,
        first.c.position <= sa.func.coalesce(acknowledged, first.c.position),
    )
    return sa.delete(table).where(columns.position.in_(old))
