"""The read model is built anew in a second generation, and replaces the live one at once."""

import sqlalchemy as sa

from messagebus import TransactionError
from newsletter.adapters.tables import generations, inbox, standings

CONSUMER = "newsletter"
BUILDER = "newsletter-rebuild"


def begin(connection: sa.Connection) -> tuple[int, int]:
    """Begin a generation; return it, and the inbox's last position.

    What an earlier rebuild has left, which was killed, is deleted.
    """
    row = connection.execute(sa.select(generations).with_for_update()).one()
    live, building = row.live, max(row.live, row.building or 0) + 1
    connection.execute(standings.delete().where(standings.c.generation != live))
    connection.execute(inbox.table.delete().where(inbox.table.c.consumer == BUILDER))
    connection.execute(generations.update().values(building=building))
    return building, connection.scalar(sa.select(sa.func.max(inbox.table.c.position))) or 0


def switch(connection: sa.Connection, building: int, started_at: int) -> bool:
    """Show the new generation, if it has each message that the live one has.

    `started_at` is the inbox's last position when the rebuild began. The consumer's process is
    excluded until it begins again, so that it counts in the new generation. The inbox of the
    rebuild becomes the consumer's: a message is counted once in the new generation, whichever of
    the two has received it. Raises `TransactionError` if another rebuild has begun.
    """
    inbox.begin(connection, consumer=CONSUMER)
    if connection.scalar(sa.select(generations.c.building).with_for_update()) != building:
        raise TransactionError(
            "another rebuild has begun meanwhile, and goes on. One at a time may run. Leave the "
            "work to that one."
        )
    columns = inbox.table.c
    built = inbox.table.alias()
    has = sa.select(built.c.id).where(built.c.consumer == BUILDER)
    ours = columns.consumer == CONSUMER
    newer = sa.select(columns.id).where(ours, columns.position > started_at, columns.id.not_in(has))
    if connection.scalar(newer.limit(1)) is not None:
        return False
    connection.execute(inbox.table.delete().where(ours, columns.id.in_(has)))
    taken = inbox.table.update().where(columns.consumer == BUILDER)
    connection.execute(taken.values(consumer=CONSUMER))
    connection.execute(generations.update().values(live=building))
    connection.execute(standings.delete().where(standings.c.generation != building))
    return True
