"""Queries of those who only look: functions of a connection, beside the unit of work."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from reading_club.adapters.catalogue import SHELF
from reading_club.adapters.tables import books, reviewers
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
BEFORE_ALL = UUID(int=0)


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
