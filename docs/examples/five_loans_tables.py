"""Members and their loans, on a database."""

from uuid import UUID

import sqlalchemy as sa

from messagebus import AsyncAbstractRepository, Model
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlSession,
    AsyncSqlUnitOfWork,
    EventstoreTable,
)
from messagebus.adapters.sqlalchemy.statements import added, insert_unless_taken

AT_MOST = 5

metadata = sa.MetaData()
members = sa.Table(
    "members",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)
loans = sa.Table(
    "loans",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("member", sa.ForeignKey("members.id"), nullable=False),
    sa.Column("place", sa.Integer),
    sa.CheckConstraint(f"place BETWEEN 1 AND {AT_MOST}"),
    sa.UniqueConstraint("member", "place"),
)
eventstore = EventstoreTable(metadata)


class Member(Model):
    id: UUID
    version: int = 1


class Loan(Model):
    id: UUID
    member: UUID
    place: int | None = None


_add_loan = insert_unless_taken(loans, ["member", "place"])


def join(connection: sa.Connection, member: Member) -> None:
    connection.execute(members.insert().values(member.model_dump()))


def load(connection: sa.Connection, id: UUID) -> Member:
    query = sa.select(members).where(members.c.id == id)
    return Member(**connection.execute(query).mappings().one())


def lock(connection: sa.Connection, id: UUID) -> None:
    query = sa.select(members.c.id).where(members.c.id == id)
    connection.execute(query.with_for_update())


def replace(connection: sa.Connection, member: Member) -> bool:
    loaded = members.c.version == member.version
    replaced = connection.execute(
        members.update()
        .where(members.c.id == member.id, loaded)
        .values(version=member.version + 1)
    )
    return replaced.rowcount == 1


def count(connection: sa.Connection, member: UUID) -> int:
    query = sa.select(sa.func.count()).where(loans.c.member == member)
    return connection.scalar(query) or 0


class Members(AsyncAbstractRepository[Member]):
    def __init__(self, session: AsyncSqlSession) -> None:
        self._session = session

    async def by_id(self, id: UUID) -> Member:
        member = await self._session.run(load, id)
        self.seen.append(member)
        return member

    async def lock(self, id: UUID) -> None:
        """Wait until no other transaction has that row, and keep it."""
        await self._session.run(lock, id)

    async def save(self, member: Member) -> bool:
        """Save a new version, unless another transaction has been faster."""
        replaced = await self._session.run(replace, member)
        self.seen.append(member)
        return replaced


class Loans(AsyncAbstractRepository[Loan]):
    def __init__(self, session: AsyncSqlSession) -> None:
        self._session = session

    async def count_of(self, member: UUID) -> int:
        return await self._session.run(count, member)

    async def add(self, loan: Loan) -> bool:
        """Add the loan, unless the member has one in its place."""
        new = await self._session.run(added, _add_loan, loan.model_dump())
        self.seen.append(loan)
        return new


class UnitOfWork(AsyncSqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.members = Members(self.session)
        self.loans = Loans(self.session)
