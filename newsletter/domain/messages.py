"""The club's published events, with the fields that the newsletter reads.

The classes are the newsletter's own. It shares JSON with the club and no code, and a check holds
each class against the schema that the club publishes.
"""

from uuid import UUID

from messagebus import Event, Metadata


class BookRegistered(Event):
    """The club has a new book."""

    id: UUID
    title: str
    metadata: Metadata = Metadata(name="register_book", schema_version=1)


class BookReviewed(Event):
    """A book has one more review."""

    book_id: UUID
    rating: int
    metadata: Metadata = Metadata(name="book_reviewed", schema_version=1)


class ReviewRevised(Event):
    """A review gives another rating than before."""

    book_id: UUID
    previous_rating: int
    rating: int
    metadata: Metadata = Metadata(name="review_revised", schema_version=1)


class ReviewWithdrawn(Event):
    """A book has one review less."""

    book_id: UUID
    previous_rating: int
    metadata: Metadata = Metadata(name="review_withdrawn", schema_version=1)


CONSUMED = (BookRegistered, BookReviewed, ReviewRevised, ReviewWithdrawn)
"""The messages that the newsletter consumes; it ignores all others."""
