"""What the club talks about: books."""

from uuid import UUID

from pydantic import ConfigDict

from messagebus import Model
from reading_club.domain.isbn import Isbn
from reading_club.domain.text import Name


class Book(Model):
    """A book on the club's shelf. No two have the same ISBN, however it is typed."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    isbn: Isbn
    title: Name
    author: Name

    def changed(self, **fields: str) -> "Book":
        """Another book with the same id, checked like any other."""
        return Book.model_validate(self.model_dump() | fields)
