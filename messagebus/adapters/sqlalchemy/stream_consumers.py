"""How far each consumer of the SQL stream has come: a row under its name."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.rows import flaw_of
from messagebus.errors import ConfigurationError


def check_consumer(consumer: str) -> None:
    """Raise `ConfigurationError` for a name that a row can't keep."""
    if flaw := flaw_of(consumer, 255):
        raise ConfigurationError(
            f"{consumer!r} cannot name a consumer: the name {flaw}. The name is a column of "
            "its position's row. Choose another name."
        )


class ConsumerPositions:
    """The positions in the table of a stream's consumers."""

    def __init__(self, table: sa.Table) -> None:
        self.table = table
        self.least = sa.select(sa.func.min(table.c.position)).scalar_subquery()

    def reached(self, consumer: str, connection: sa.Connection) -> int:
        """The position up to which the consumer has acknowledged; 0 where it is new."""
        columns = self.table.c
        query = sa.select(columns.position).where(columns.consumer == consumer)
        return connection.scalar(query) or 0

    def register(self, consumer: str, connection: sa.Connection) -> None:
        """Let the consumer be known, at the stream's beginning, unless it is known already."""
        statement = backend_of(connection).insert(self.table).on_conflict_do_nothing()
        connection.execute(statement, {"consumer": consumer, "position": 0})

    def store(self, consumer: str, position: int, connection: sa.Connection) -> None:
        """Move the consumer forward to a position; a process that was overtaken moves nothing."""
        statement = backend_of(connection).insert(self.table)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["consumer"],
                set_={"position": statement.excluded.position},
                where=self.table.c.position < statement.excluded.position,
            ),
            {"consumer": consumer, "position": position},
        )

    def forget(self, consumer: str, connection: sa.Connection) -> bool:
        """Let the consumer be new; say whether it was known."""
        forget = sa.delete(self.table).where(self.table.c.consumer == consumer)
        return connection.execute(forget).rowcount > 0
