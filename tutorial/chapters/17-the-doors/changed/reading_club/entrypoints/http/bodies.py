"""What requests and answers hold. Unknown fields are refused: most often they are misspelt."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from reading_club.domain.isbn import Isbn
from reading_club.domain.model import Stars
from reading_club.domain.text import Name
from reading_club.domain.typed import KnownName, NewComment
from reading_club.service.catalogue import ShelvedBook


class NewBook(BaseModel):
    """A book for the shelf."""

    model_config = ConfigDict(extra="forbid")

    isbn: Isbn = Field(examples=["0-321-12521-5"])
    title: Name = Field(examples=["Domain-Driven Design"])
    author: Name = Field(examples=["Eric Evans"])


class RevisedReview(BaseModel):
    """What a review's own reviewer says from now on."""

    model_config = ConfigDict(extra="forbid")

    reviewer: KnownName = Field(examples=["Ada"])
    rating: Stars = Field(examples=[7])
    comment: NewComment = Field("", examples=["Read it a third time."])


class KeptReview(BaseModel):
    """A review that the club has kept."""

    id: UUID
    rating: int
    comment: str


class ShelfPage(BaseModel):
    """The shelf."""

    books: list[ShelvedBook]
