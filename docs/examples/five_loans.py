"""A member has at most five loans: twelve clients ask for one at once."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from types import EllipsisType
from uuid import UUID

import sqlalchemy as sa
from docs.examples.at_once import Barrier, at_once, on_each
from docs.examples.five_loans_tables import (
    AT_MOST,
    Loan,
    Member,
    UnitOfWork,
    count,
    join,
    metadata,
)
from lastuuid import uuid7
from result import Err, Ok, Result

from messagebus import AsyncMessageBus, Command
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    RetryableTransactionError,
    retry_transaction,
)


class BorrowError(Enum):
    too_many_loans = "too_many_loans"


Borrowed = Result[EllipsisType, BorrowError]


class Borrow(Command[Borrowed]):
    id: UUID
    member: UUID


class StaleModelError(Exception):
    """Another transaction has saved the model since it was loaded."""


async def borrow(cmd: Borrow, uow: UnitOfWork, barrier: Barrier) -> Borrowed:
    loans = await uow.loans.count_of(cmd.member)
    await barrier.wait()
    if loans >= AT_MOST:
        return Err(BorrowError.too_many_loans)
    await uow.loans.add(Loan(id=cmd.id, member=cmd.member))
    return Ok(...)


async def borrow_by_version(
    cmd: Borrow, uow: UnitOfWork, barrier: Barrier
) -> Borrowed:
    member = await uow.members.by_id(cmd.member)
    loans = await uow.loans.count_of(cmd.member)
    await barrier.wait()
    if loans >= AT_MOST:
        return Err(BorrowError.too_many_loans)
    await uow.loans.add(Loan(id=cmd.id, member=cmd.member))
    if not await uow.members.save(member):
        raise StaleModelError(member)
    return Ok(...)


async def borrow_by_lock(
    cmd: Borrow, uow: UnitOfWork, barrier: Barrier
) -> Borrowed:
    await barrier.wait()
    await uow.members.lock(cmd.member)
    if await uow.loans.count_of(cmd.member) >= AT_MOST:
        return Err(BorrowError.too_many_loans)
    await uow.loans.add(Loan(id=cmd.id, member=cmd.member))
    return Ok(...)


async def borrow_by_constraint(
    cmd: Borrow, uow: UnitOfWork, barrier: Barrier
) -> Borrowed:
    await barrier.wait()
    for place in range(1, AT_MOST + 1):
        loan = Loan(id=cmd.id, member=cmd.member, place=place)
        if await uow.loans.add(loan):
            return Ok(...)
    return Err(BorrowError.too_many_loans)


def isolate(connection: sa.Connection, level: str) -> None:
    """Raise the level of a transaction that has asked nothing yet."""
    if connection.dialect.name == "postgresql":
        statement = f"SET TRANSACTION ISOLATION LEVEL {level}"
        connection.exec_driver_sql(statement)


Handler = Callable[[Borrow, UnitOfWork, Barrier], Awaitable[Borrowed]]
WAYS: Mapping[str, tuple[Handler, str]] = {
    "unguarded": (borrow, "READ COMMITTED"),
    "version": (borrow_by_version, "READ COMMITTED"),
    "lock": (borrow_by_lock, "READ COMMITTED"),
    "constraint": (borrow_by_constraint, "READ COMMITTED"),
    "repeatable": (borrow, "REPEATABLE READ"),
    "serializable": (borrow, "SERIALIZABLE"),
}


async def measured(database: AsyncSqlDatabase, way: str) -> tuple[int, int]:
    """How many loans there are in the end, and how many were refused."""
    handler, level = WAYS[way]
    bus = AsyncMessageBus()
    bus.add_listener(Borrow, handler)
    member = Member(id=uuid7())
    await database.run(lambda connection: join(connection, member))

    async def client(barrier: Barrier) -> Borrowed:
        command = Borrow(id=uuid7(), member=member.id)

        async def work(transaction: UnitOfWork) -> Borrowed:
            await transaction.session.run(isolate, level)
            answer = await bus.handle(command, transaction, barrier=barrier)
            await transaction.commit()
            return answer

        again = (RetryableTransactionError, StaleModelError)
        uow = UnitOfWork(database)
        return await retry_transaction(
            uow, work, retry_on=again, max_attempts=30
        )

    outcomes = await at_once(database, client)
    kept = await database.run(lambda connection: count(connection, member.id))
    return kept, sum(answer.is_err() for answer in outcomes)


async def report(database: AsyncSqlDatabase) -> str:
    kept, refused = await measured(database, sys.argv[1])
    return f"{kept} loans, {refused} refused"


if __name__ == "__main__":
    asyncio.run(on_each(metadata, report))
