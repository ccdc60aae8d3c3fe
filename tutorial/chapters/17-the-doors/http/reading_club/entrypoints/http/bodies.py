"""What requests and answers hold. Unknown fields are refused: most often they are misspelt."""

from pydantic import BaseModel, ConfigDict, Field

from reading_club.domain.isbn import Isbn
from reading_club.domain.text import Name
from reading_club.service.catalogue import ShelvedBook


class NewBook(BaseModel):
    """A book for the shelf."""

    model_config = ConfigDict(extra="forbid")

    isbn: Isbn = Field(examples=["0-321-12521-5"])
    title: Name = Field(examples=["Domain-Driven Design"])
    author: Name = Field(examples=["Eric Evans"])


class ShelfPage(BaseModel):
    """The shelf."""

    books: list[ShelvedBook]
