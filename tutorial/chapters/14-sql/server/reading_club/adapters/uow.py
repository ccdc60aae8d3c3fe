"""The club's unit of work on a database."""

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlUnitOfWork
from reading_club.adapters.repositories import SqlBookRepository
from reading_club.service.uow import AbstractUnitOfWork


class ClubUnitOfWork(AsyncSqlUnitOfWork, AbstractUnitOfWork):
    """The club's ports, all on one connection."""

    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database)
        self.books = SqlBookRepository(self.session)
