"""One piece of the club's work: all of it is kept, or nothing."""

from messagebus import AsyncAbstractUnitOfWork, Model
from reading_club.service.catalogue import AbstractCatalogue
from reading_club.service.repositories import (
    AbstractBookRepository,
    AbstractRatingRepository,
    AbstractReviewerRepository,
    AbstractReviewRepository,
)


class AbstractUnitOfWork(AsyncAbstractUnitOfWork):
    """The ports that the handlers may use within one transaction."""

    books: AbstractBookRepository
    reviewers: AbstractReviewerRepository
    reviews: AbstractReviewRepository
    ratings: AbstractRatingRepository
    catalogue: AbstractCatalogue


class StaleModelError(Exception):
    """Another transaction has changed a model since it was loaded: run this one again."""

    def __init__(self, model: Model) -> None:
        super().__init__(f"{model!r} was changed meanwhile: run the unit of work again")
