"""What is asked of the club, and what it tells the world.

Commands check what they are given; events are facts, and facts are not checked again.
"""

from uuid import UUID

from messagebus import Command, Event, Field, Metadata
from reading_club.domain.isbn import Isbn
from reading_club.domain.results import BookRepositoryOperationResult
from reading_club.domain.text import Name


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
