"""Compares ratings with the stored reviews."""

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa

from reading_club.adapters.tables import ratings, reviews

_stars = sa.func.sum(reviews.c.rating)
_kept = sa.select(reviews.c.book_id, sa.func.count(), _stars).group_by(reviews.c.book_id)
_rated = sa.select(ratings.c.book_id, ratings.c.reviews, ratings.c.total)


def kept(connection: sa.Connection) -> Mapping[UUID, tuple[int, int]]:
    """The number of reviews of each reviewed book, and the sum of their stars."""
    return {book: (count, total) for book, count, total in connection.execute(_kept)}


def miscounted(connection: sa.Connection) -> Collection[UUID]:
    """The books whose rating differs from a recount of their reviews."""
    counted = kept(connection)
    rated = {book: (count, total) for book, count, total in connection.execute(_rated)}
    books = counted.keys() | rated.keys()
    return [each for each in books if counted.get(each, (0, 0)) != rated.get(each, (0, 0))]
