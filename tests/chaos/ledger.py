"""The ledger compares the committed events with those that the stream delivered."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from reading_club.adapters.tables import eventstore, stream


class Committed(NamedTuple):
    """A published event that its transaction committed; the order is that of the event store."""

    id: str
    stream_key: str


class Verdict(NamedTuple):
    """The number of events that went wrong, by kind."""

    lost: int
    """Committed and never delivered."""
    phantom: int
    """Delivered and never committed."""
    late: int
    """Delivered for the first time behind a later one of the same stream key."""
    doubled: int
    """Deliveries after the first: allowed after a kill."""


def judge(committed: Sequence[Committed], delivered: Sequence[str]) -> Verdict:
    """Compare the delivered ids, in their order, with the committed events."""
    firsts = dict.fromkeys(delivered)
    order = {event.id: number for number, event in enumerate(committed)}
    keys = {event.id: event.stream_key for event in committed}
    latest: dict[str, int] = {}
    late = 0
    for id_ in firsts:
        if id_ in order:
            late += order[id_] < latest.get(keys[id_], -1)
            latest[keys[id_]] = max(order[id_], latest.get(keys[id_], -1))
    return Verdict(
        lost=len(order.keys() - firsts.keys()),
        phantom=len(firsts.keys() - order.keys()),
        late=late,
        doubled=len(delivered) - len(firsts),
    )


def committed(connection: sa.Connection) -> Sequence[Committed]:
    """The published events in the event store."""
    columns = eventstore.table.c
    query = sa.select(columns.id, columns.stream_key).where(columns.published.is_(True))
    return [Committed(*row) for row in connection.execute(query.order_by(columns.position))]


def in_table(connection: sa.Connection) -> Sequence[str]:
    """The ids in the SQL stream, in the order in which its consumers read them."""
    columns = stream.table.c
    return connection.scalars(sa.select(columns.id).order_by(columns.position)).all()


def in_file(path: Path) -> Sequence[str]:
    """The ids in a file of JSON lines; a last line without a newline was never confirmed."""
    complete = path.read_bytes().rpartition(b"\n")[0].splitlines() if path.exists() else []
    return [json.loads(line)["envelope"]["id"] for line in complete]
