"""A process that is forked while SQLite files are open, closed, or not yet opened.

`python -m tests.sql.forking_sqlite FOLDER` exits with 0 where parent and child do what they should.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from messagebus import ConfigurationError, TransactionError
from messagebus.adapters.sqlalchemy import (
    SyncSqlUnitOfWork,
    open_database,
    open_sync_database,
)
from reading_club.adapters.tables import eventstore, metadata
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.test_interrupted import make_notes, note, noted


def in_child(function: Callable[[], bool]) -> bool:
    """Whether the function returns true in a process that is forked here."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if function() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


def refused(function: Callable[[], object]) -> bool:
    """Whether it raises the error that says what to do."""
    try:
        function()
    except ConfigurationError as error:
        return "Close the database before the fork, or start the process by spawn" in str(error)
    return False


def check(url: str) -> None:
    database, sync_database = open_database(url), open_sync_database(url)

    def look(number: int) -> list[int]:
        with SyncSqlUnitOfWork(sync_database, eventstore) as transaction:
            transaction.session.run(note(number))
            found = transaction.session.run(noted)
            transaction.commit()
        return found

    def look_async(number: int) -> list[int]:
        asyncio.run(database.run(note(number)))
        return asyncio.run(database.run(noted, read_only=True))

    def close_both() -> None:
        asyncio.run(database.close())
        sync_database.close()

    def use_new() -> None:
        asyncio.run(open_database(url).run(noted))

    asyncio.run(database.create(metadata))
    asyncio.run(database.run(make_notes))
    close_both()
    # The file is closed: parent and child may each open it.
    assert in_child(lambda: look(1) == [1] and look_async(2) == [1, 2])
    assert look(3) == [1, 2, 3]
    assert in_child(lambda: refused(lambda: look(4)) and refused(lambda: look_async(4)))
    sync_database.close()
    assert look_async(5) == [1, 2, 3, 5]
    assert in_child(lambda: refused(lambda: look_async(6)) and refused(use_new))
    assert look_async(7) == [1, 2, 3, 5, 7]
    close_both()
    assert in_child(lambda: look_async(8) == [1, 2, 3, 5, 7, 8])


async def fork_within_a_unit_of_work(url: str) -> None:
    database = open_database(url)
    async with ClubUnitOfWork(database) as transaction:
        await transaction.session.run(note(9))
        child = os.fork()
        if child == 0:
            try:
                await transaction.session.run(noted)
            except TransactionError as error:
                os._exit(0 if "belongs to the process that forked this one" in str(error) else 1)
            os._exit(2)
        status = await asyncio.to_thread(lambda: os.waitpid(child, 0)[1])
        await transaction.commit()
    assert os.waitstatus_to_exitcode(status) == 0
    assert 9 in await database.run(noted)
    await database.close()


if __name__ == "__main__":
    club = f"sqlite:///{Path(sys.argv[1]) / 'club.db'}"
    check(club)
    asyncio.run(fork_within_a_unit_of_work(club))
