"""What the club talks about: books, reviewers and reviews."""

from typing import Annotated
from uuid import UUID

from messagebus import Field, Model
from reading_club.domain.isbn import Isbn
from reading_club.domain.text import Name, Prose

Stars = Annotated[int, Field(ge=1, le=10)]
"""How much a reviewer liked a book."""


class Book(Model):
    """A book on the club's shelf. No two have the same ISBN, however it is typed."""

    id: UUID
    isbn: Isbn
    title: Name
    author: Name


class Reviewer(Model):
    """Somebody who reviews books. No two have the same name."""

    id: UUID
    name: Name


class Review(Model):
    """What one reviewer says of one book, once."""

    id: UUID
    book_id: UUID
    reviewer_id: UUID
    rating: Stars
    comment: Prose
