"""Twelve clients extend one loan by a week each."""

import asyncio
import sys
from enum import Enum
from types import EllipsisType

import sqlalchemy as sa
from docs.examples.at_once import Barrier, at_once, on_each
from result import Err, Ok, Result

from messagebus import (
    AsyncAbstractRepository,
    AsyncMessageBus,
    Command,
    Model,
)
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlSession,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    RetryableTransactionError,
    retry_transaction,
)


class ExtendLoan(Command[None]):
    loan: int
    weeks: int


class Loan(Model):
    id: int
    weeks: int
    version: int


class LoanError(Enum):
    concurrency_error = "concurrency_error"


class StaleModelError(Exception):
    """Another transaction has changed the model since it was loaded."""


metadata = sa.MetaData()
loans = sa.Table(
    "loans",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("weeks", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
eventstore = EventstoreTable(metadata)


def load(connection: sa.Connection, id: int) -> Loan:
    row = connection.execute(sa.select(loans).where(loans.c.id == id))
    return Loan(**row.mappings().one())


def overwrite(connection: sa.Connection, loan: Loan) -> bool:
    connection.execute(
        loans.update().where(loans.c.id == loan.id).values(weeks=loan.weeks)
    )
    return True


def replace(connection: sa.Connection, loan: Loan) -> bool:
    loaded = (loans.c.id == loan.id) & (loans.c.version == loan.version)
    replaced = connection.execute(
        loans.update()
        .where(loaded)
        .values(weeks=loan.weeks, version=loan.version + 1)
    )
    return replaced.rowcount == 1


class Loans(AsyncAbstractRepository[Loan]):
    def __init__(self, session: AsyncSqlSession) -> None:
        self._session = session

    async def by_id(self, id: int) -> Loan:
        loan = await self._session.run(load, id)
        self.seen.append(loan)
        return loan

    async def save(self, loan: Loan) -> Result[EllipsisType, LoanError]:
        """Replace the version that was loaded, if it is still there."""
        if not await self._session.run(replace, loan):
            return Err(LoanError.concurrency_error)
        loan.version += 1
        self.seen.append(loan)
        return Ok(...)


class OverwritingLoans(Loans):
    async def save(self, loan: Loan) -> Result[EllipsisType, LoanError]:
        """Replace whatever is there."""
        await self._session.run(overwrite, loan)
        self.seen.append(loan)
        return Ok(...)


class UnitOfWork(AsyncSqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase, loans: type[Loans]) -> None:
        super().__init__(database, eventstore)
        self.loans = loans(self.session)


async def extend_loan(
    cmd: ExtendLoan, uow: UnitOfWork, barrier: Barrier
) -> None:
    loan = await uow.loans.by_id(cmd.loan)
    await barrier.wait()
    loan.weeks += cmd.weeks
    if (await uow.loans.save(loan)).is_err():
        raise StaleModelError(loan)


bus = AsyncMessageBus()
bus.add_listener(ExtendLoan, extend_loan)


async def extend(uow: UnitOfWork, barrier: Barrier) -> None:
    async def work(transaction: UnitOfWork) -> None:
        command = ExtendLoan(loan=1, weeks=1)
        await bus.handle(command, transaction, barrier=barrier)
        await transaction.commit()

    again = (RetryableTransactionError, StaleModelError)
    await retry_transaction(uow, work, retry_on=again, max_attempts=30)


def lend(connection: sa.Connection) -> None:
    connection.execute(loans.insert().values(id=1, weeks=0, version=1))


async def measured(database: AsyncSqlDatabase, kind: type[Loans]) -> str:
    await database.run(lend)
    await at_once(
        database, lambda barrier: extend(UnitOfWork(database, kind), barrier)
    )
    loan = await database.run(lambda connection: load(connection, 1))
    return f"12 clients, {loan.weeks} of their weeks kept"


KINDS = {"overwriting": OverwritingLoans, "version": Loans}

if __name__ == "__main__":
    kind = KINDS[sys.argv[1]]
    asyncio.run(on_each(metadata, lambda database: measured(database, kind)))
