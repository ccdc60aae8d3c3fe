"""The club's unit of work on a database."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlUnitOfWork
from reading_club.adapters.repositories import SqlBookRepository
from reading_club.service.uow import AbstractUnitOfWork


class ClubUnitOfWork(AsyncSqlUnitOfWork, AbstractUnitOfWork):
    """The club's ports, all on one connection."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self.books = SqlBookRepository(self.session)
