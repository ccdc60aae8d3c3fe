"""What is asked of the club, and what it tells the world.

Commands check what they are given; events are facts, and facts are not checked again.
"""

from uuid import UUID

from messagebus import Command, Event, Field, Metadata
from reading_club.domain.isbn import Isbn
from reading_club.domain.model import Stars
from reading_club.domain.results import (
    BookRepositoryOperationResult,
    ReviewChangeResult,
    ReviewerRepositoryOperationResult,
    ReviewOperationResult,
    ReviewResult,
)
from reading_club.domain.typed import KnownName, NewComment, NewIsbn, NewName, NewTitle


class RegisterBook(Command[BookRepositoryOperationResult]):
    """Put a book on the shelf."""

    id: UUID = Field(...)
    isbn: NewIsbn = Field(...)
    title: NewTitle = Field(...)
    author: NewTitle = Field(...)
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
    name: NewName = Field(...)
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
    reviewer: KnownName = Field(...)
    rating: Stars = Field(...)
    comment: NewComment = Field(...)
    metadata: Metadata = Metadata(name="review_book", schema_version=1)


class BookReviewed(Event):
    """A book has a review more."""

    id: UUID = Field(...)
    book_id: UUID = Field(...)
    reviewer_id: UUID = Field(...)
    rating: int = Field(...)
    comment: str = Field(...)
    metadata: Metadata = Metadata(name="book_reviewed", schema_version=1, published=True)


class ReviseReview(Command[ReviewResult]):
    """Let a review say something else; `expected_version` refuses the change of any other one."""

    id: UUID = Field(...)
    reviewer: KnownName = Field(...)
    rating: Stars = Field(...)
    comment: NewComment = Field(...)
    expected_version: int | None = None
    metadata: Metadata = Metadata(name="revise_review", schema_version=1)


class ReviewRevised(Event):
    """A review says something else than before."""

    id: UUID = Field(...)
    book_id: UUID = Field(...)
    reviewer_id: UUID = Field(...)
    previous_rating: int = Field(...)
    rating: int = Field(...)
    comment: str = Field(...)
    metadata: Metadata = Metadata(name="review_revised", schema_version=1, published=True)


class WithdrawReview(Command[ReviewChangeResult]):
    """Take a review back; `expected_version` refuses to take back any other one."""

    id: UUID = Field(...)
    reviewer: KnownName = Field(...)
    expected_version: int | None = None
    metadata: Metadata = Metadata(name="withdraw_review", schema_version=1)


class ReviewWithdrawn(Event):
    """A book has a review less."""

    id: UUID = Field(...)
    book_id: UUID = Field(...)
    reviewer_id: UUID = Field(...)
    previous_rating: int = Field(...)
    metadata: Metadata = Metadata(name="review_withdrawn", schema_version=1, published=True)
