"""What the club talks about: books."""

from uuid import UUID

from messagebus import Model


class Book(Model):
    """A book on the club's shelf."""

    id: UUID
    isbn: str
    title: str
    author: str
