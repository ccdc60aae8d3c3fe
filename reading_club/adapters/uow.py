"""The club's unit of work on a database."""

from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlIdempotencyStore,
    AsyncSqlUnitOfWork,
)
from reading_club.adapters.catalogue import SqlCatalogue
from reading_club.adapters.repositories import (
    SqlBookRepository,
    SqlRatingRepository,
    SqlReviewerRepository,
    SqlReviewRepository,
)
from reading_club.adapters.tables import answers, eventstore
from reading_club.service.uow import AbstractUnitOfWork


class ClubUnitOfWork(AsyncSqlUnitOfWork, AbstractUnitOfWork):
    """The club's ports, all on one connection, with the event store in the same transaction."""

    def __init__(self, database: AsyncSqlDatabase, *, read_only: bool = False) -> None:
        super().__init__(database, eventstore, read_only=read_only)
        self.books = SqlBookRepository(self.session)
        self.reviewers = SqlReviewerRepository(self.session)
        self.reviews = SqlReviewRepository(self.session)
        self.ratings = SqlRatingRepository(self.session)
        self.catalogue = SqlCatalogue(self.session)
        self.idempotency = AsyncSqlIdempotencyStore(self.session, answers)
        """For the HTTP entrypoint; the service does not know it."""
