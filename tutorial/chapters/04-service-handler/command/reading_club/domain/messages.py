"""What is asked of the club."""

from uuid import UUID

from messagebus import Command, Field
from reading_club.domain.isbn import Isbn
from reading_club.domain.results import BookRepositoryOperationResult
from reading_club.domain.text import Name


class RegisterBook(Command[BookRepositoryOperationResult]):
    """Put a book on the shelf."""

    id: UUID = Field(...)
    isbn: Isbn = Field(...)
    title: Name = Field(...)
    author: Name = Field(...)
