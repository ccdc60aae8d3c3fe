"""Queries of those who only look: functions of a connection, beside the unit of work."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from reading_club.adapters.catalogue import SHELF
from reading_club.adapters.tables import books, reviewers, reviews
from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Reviewer
from reading_club.domain.typed import as_seen
from reading_club.service.catalogue import ShelvedBook

_behind = SHELF.where(books.c.id > sa.bindparam("after")).limit(sa.bindparam("limit"))
_by_id = SHELF.where(books.c.id == sa.bindparam("id"))
_reviewers = sa.select(reviewers).order_by(reviewers.c.id)
_reviewers_behind = _reviewers.where(reviewers.c.id > sa.bindparam("after")).limit(
    sa.bindparam("limit")
)
_reviewer_by_id = _reviewers.where(reviewers.c.id == sa.bindparam("id"))
_reviews = (
    sa.select(
        reviews.c.id,
        books.c.isbn,
        reviewers.c.name.label("reviewer"),
        reviews.c.rating,
        reviews.c.comment,
        reviews.c.version,
    )
    .join_from(reviews, books)
    .join(reviewers)
)
_review_by_id = _reviews.where(reviews.c.id == sa.bindparam("id"))
_review_of_book = (
    _reviews.where(
        books.c.isbn_13 == sa.bindparam("isbn_13"),
        reviewers.c.name.in_([sa.bindparam("name"), sa.bindparam("seen")]),
    )
    .order_by((reviewers.c.name == sa.bindparam("name")).desc())
    .limit(1)
)
BEFORE_ALL = UUID(int=0)


class ShownReview(NamedTuple):
    """A review as people read it, with the version that a change of it names."""

    id: UUID
    isbn: str
    reviewer: str
    rating: int
    comment: str
    version: int


def shelf_page(connection: sa.Connection, after: UUID | None, limit: int) -> Sequence[ShelvedBook]:
    """The books behind one, in order of their ids, or the first of all."""
    values = {"after": after or BEFORE_ALL, "limit": limit}
    return [ShelvedBook(**row) for row in connection.execute(_behind, values).mappings()]


def shelved_book(connection: sa.Connection, id: UUID) -> ShelvedBook | None:
    """One book as the shelf shows it."""
    row = connection.execute(_by_id, {"id": id}).mappings().one_or_none()
    return None if row is None else ShelvedBook(**row)


def reviewers_page(connection: sa.Connection, after: UUID | None, limit: int) -> Sequence[Reviewer]:
    """The reviewers behind one, in order of their ids, or the first of all."""
    values = {"after": after or BEFORE_ALL, "limit": limit}
    return [Reviewer(**row) for row in connection.execute(_reviewers_behind, values).mappings()]


def names_alike(connection: sa.Connection) -> Sequence[tuple[Reviewer, Reviewer]]:
    """Each reviewer whose name is spelled as no command spells it now, and whom it looks like."""
    found = [Reviewer(**row) for row in connection.execute(_reviewers).mappings()]
    by_name = {each.name: each for each in found}
    seen = [(each, by_name.get(as_seen(each.name), each)) for each in found]
    return [(each, other) for each, other in seen if as_seen(each.name) != each.name]


def reviewer(connection: sa.Connection, id: UUID) -> Reviewer | None:
    """One reviewer."""
    row = connection.execute(_reviewer_by_id, {"id": id}).mappings().one_or_none()
    return None if row is None else Reviewer(**row)


def review(connection: sa.Connection, id: UUID) -> ShownReview | None:
    """One review."""
    row = connection.execute(_review_by_id, {"id": id}).mappings().one_or_none()
    return None if row is None else ShownReview(**row)


def review_of_book(connection: sa.Connection, isbn: str, reviewer: str) -> ShownReview | None:
    """What a reviewer says of a book, by any form of the ISBN and a name that looks alike."""
    values = {"isbn_13": isbn_13(isbn), "name": reviewer, "seen": as_seen(reviewer)}
    row = connection.execute(_review_of_book, values).mappings().one_or_none()
    return None if row is None else ShownReview(**row)
