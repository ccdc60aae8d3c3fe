"""One piece of the club's work: all of it is kept, or nothing."""

from messagebus import AsyncAbstractUnitOfWork
from reading_club.service.catalogue import AbstractCatalogue
from reading_club.service.repositories import (
    AbstractBookRepository,
    AbstractReviewerRepository,
    AbstractReviewRepository,
)


class AbstractUnitOfWork(AsyncAbstractUnitOfWork):
    """The ports that the handlers may use within one transaction."""

    books: AbstractBookRepository
    reviewers: AbstractReviewerRepository
    reviews: AbstractReviewRepository
    catalogue: AbstractCatalogue
