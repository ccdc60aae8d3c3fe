"""What requests and answers hold. Unknown fields are refused: most often they are misspelt.

Nothing is converted: a text is no number, and neither is `true`.
"""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from reading_club.domain.isbn import Isbn
from reading_club.domain.model import Stars
from reading_club.domain.typed import KnownName, NewComment, NewIsbn, NewName, NewTitle
from reading_club.service.catalogue import ShelvedBook


class Body(BaseModel):
    """The base of all that is sent to the club."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewBook(Body):
    """A book for the shelf."""

    isbn: NewIsbn = Field(examples=["0-321-12521-5"])
    title: NewTitle = Field(examples=["Domain-Driven Design"])
    author: NewTitle = Field(examples=["Eric Evans"])


class NewReviewer(Body):
    """Somebody who wants to review books."""

    name: NewName = Field(examples=["Ada"])


class NewReview(Body):
    """What a registered reviewer, known by name, says of a book, known by its ISBN."""

    isbn: Isbn = Field(examples=["0-321-12521-5"])
    reviewer: KnownName = Field(examples=["Ada"])
    rating: Stars = Field(examples=[9])
    comment: NewComment = Field("", examples=["Read it twice."])


class RevisedReview(Body):
    """What a review's own reviewer says from now on."""

    reviewer: KnownName = Field(examples=["Ada"])
    rating: Stars = Field(examples=[7])
    comment: NewComment = Field("", examples=["Read it a third time."])


class Withdrawal(Body):
    """Who withdraws a review."""

    reviewer: KnownName


class RegisteredReviewer(BaseModel):
    """A reviewer of the club."""

    id: UUID
    name: str


class KeptReview(BaseModel):
    """A review that the club has kept."""

    id: UUID
    isbn: str
    reviewer: str
    rating: int
    comment: str


class ShelfPage(BaseModel):
    """Some of the shelf."""

    books: list[ShelvedBook]
    next: UUID | None
    """Give it as `after` for the books behind these; `null` at the end."""


class ReviewersPage(BaseModel):
    """Some of the reviewers."""

    reviewers: list[RegisteredReviewer]
    next: UUID | None
    """Give it as `after` for those behind these; `null` at the end."""
