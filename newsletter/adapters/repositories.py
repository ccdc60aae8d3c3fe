"""The newsletter's ports over SQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlSession, AsyncSqlUnitOfWork
from messagebus.adapters.sqlalchemy.statements import added, insert_unless_taken
from newsletter.adapters.tables import eventstore, letters, live, standings
from newsletter.domain.model import Letter
from newsletter.service.ports import (
    AbstractLetterRepository,
    AbstractRanking,
    AbstractUnitOfWork,
)

_LETTER = insert_unless_taken(letters, ["book_id"])


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[connection.dialect.name]
    return dialect.insert(table)


class SqlLetterRepository(AbstractLetterRepository):
    """Letters in a table."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, letter: Letter) -> None:
        """Insert a letter, unless there is one about its book."""

        await self._session.run(added, _LETTER, letter.model_dump())
        self.seen.append(letter)


class SqlRanking(AbstractRanking):
    """One generation of the standings: the live one, or one that is built."""

    def __init__(self, session: AsyncSqlSession, generation: int | None = None) -> None:
        self._session = session
        self._generation = live if generation is None else generation

    async def name(self, book_id: UUID, title: str) -> None:
        """Give a book its title."""
        await self._session.run(self._upsert, book_id, {"title": title}, reviews=0, stars=0)

    async def count(self, book_id: UUID, *, reviews: int, stars: int) -> None:
        """Add to the number of a book's reviews and to the sum of their ratings."""
        await self._session.run(self._upsert, book_id, {}, reviews=reviews, stars=stars)

    def _upsert(
        self,
        connection: sa.Connection,
        book_id: UUID,
        named: dict[str, str],
        *,
        reviews: int,
        stars: int,
    ) -> None:
        columns = standings.c
        row = {"title": "", **named, "reviews": reviews, "total": stars}
        statement = _insert(connection, standings).values(
            generation=self._generation, book_id=book_id, **row
        )
        counted = {"reviews": columns.reviews + reviews, "total": columns.total + stars}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["generation", "book_id"], set_={**named, **counted}
            )
        )


class NewsletterUnitOfWork(AsyncSqlUnitOfWork, AbstractUnitOfWork):
    """The newsletter's ports on one connection, with its event store in the same transaction."""

    def __init__(self, database: AsyncSqlDatabase, generation: int | None = None) -> None:
        """Count in this generation of the standings; without one, in the live one."""
        super().__init__(database, eventstore)
        self.letters = SqlLetterRepository(self.session)
        self.ranking = SqlRanking(self.session, generation)
