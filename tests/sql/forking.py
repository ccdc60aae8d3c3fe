"""A process that is forked between two units of work and within one; parent and child go on.

`python -m tests.sql.forking URL` exits with 0 where both do.
"""

import asyncio
import os
import sys

import sqlalchemy as sa

from messagebus import TransactionError
from messagebus.adapters.sqlalchemy import (
    SyncSqlUnitOfWork,
    open_database,
    open_sync_database,
)
from reading_club.adapters.tables import eventstore

url = sys.argv[1]
database, sync_database = open_database(url), open_sync_database(url)


def backend(connection: sa.Connection) -> int:
    found: int = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    return found


def look() -> int:
    with SyncSqlUnitOfWork(sync_database, eventstore) as transaction:
        found = transaction.session.run(backend)
        transaction.commit()
    return found


async def parent() -> None:
    """Fork while a unit of work and the pool have connections of the server's."""
    before = await database.run(backend), look()
    uow = SyncSqlUnitOfWork(sync_database, eventstore)
    with uow as transaction:
        within = transaction.session.run(backend)
        child = os.fork()
        if child == 0:
            try:
                transaction.session.run(backend)
            except TransactionError:
                os._exit(_in_child(*before, within))
            os._exit(1)
        status = await asyncio.to_thread(lambda: os.waitpid(child, 0)[1])
        assert transaction.session.run(backend) == within
        transaction.commit()
    assert os.waitstatus_to_exitcode(status) == 0
    assert (await database.run(backend), look()) == before
    await database.close()
    sync_database.close()


def _in_child(*before: int) -> int:
    found = asyncio.run(database.run(backend)), look()
    return 0 if set(found).isdisjoint(before) else 2


asyncio.run(parent())
