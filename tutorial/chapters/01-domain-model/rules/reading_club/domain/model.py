"""What the club talks about: books."""

from uuid import UUID

from messagebus import Model
from reading_club.domain.isbn import Isbn
from reading_club.domain.text import Name


class Book(Model):
    """A book on the club's shelf. No two have the same ISBN, however it is typed."""

    id: UUID
    isbn: Isbn
    title: Name
    author: Name
