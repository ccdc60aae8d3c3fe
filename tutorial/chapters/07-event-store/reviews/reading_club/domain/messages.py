"""What is asked of the club, and what it tells the world.

Commands check what they are given; events are facts, and facts are not checked again.
"""

from uuid import UUID

from messagebus import Command, Event, Field, Metadata
from reading_club.domain.isbn import Isbn
from reading_club.domain.model import Stars
from reading_club.domain.results import (
    BookRepositoryOperationResult,
    ReviewerRepositoryOperationResult,
    ReviewOperationResult,
)
from reading_club.domain.text import Name, Prose


class RegisterBook(Command[BookRepositoryOperationResult]):
    """Put a book on the shelf."""

    id: UUID = Field(...)
    isbn: Isbn = Field(...)
    title: Name = Field(...)
    author: Name = Field(...)
    metadata: Metadata = Metadata(name="register_book", schema_version=1)


class BookRegistered(Event):
    """A book is on the shelf."""

    id: UUID = Field(...)
    isbn: str = Field(...)
    title: str = Field(...)
    author: str = Field(...)
    metadata: Metadata = Metadata(name="register_book", schema_version=1, published=True)


class RegisterReviewer(Command[ReviewerRepositoryOperationResult]):
    """Let somebody review books."""

    id: UUID = Field(...)
    name: Name = Field(...)
    metadata: Metadata = Metadata(name="register_reviewer", schema_version=1)


class ReviewerRegistered(Event):
    """Somebody may review books."""

    id: UUID = Field(...)
    name: str = Field(...)
    metadata: Metadata = Metadata(name="reviewer_registered", schema_version=1, published=True)


class ReviewBook(Command[ReviewOperationResult]):
    """Say what a reviewer, known by name, thinks of a book, known by its ISBN."""

    id: UUID = Field(...)
    isbn: Isbn = Field(...)
    reviewer: Name = Field(...)
    rating: Stars = Field(...)
    comment: Prose = Field(...)
    metadata: Metadata = Metadata(name="review_book", schema_version=1)


class BookReviewed(Event):
    """A book has a review more."""

    id: UUID = Field(...)
    book_id: UUID = Field(...)
    reviewer_id: UUID = Field(...)
    rating: int = Field(...)
    comment: str = Field(...)
    metadata: Metadata = Metadata(name="book_reviewed", schema_version=1, published=True)
