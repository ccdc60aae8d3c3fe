"""What the club talks about: books, reviewers, reviews and ratings."""

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
    """What one reviewer says of one book, once, and which version of it this is."""

    id: UUID
    book_id: UUID
    reviewer_id: UUID
    rating: Stars
    comment: Prose
    version: int = 1

    def revised(self, stars: int, comment: str) -> "Review":
        """The review once it says this; it is the next version when it is saved."""
        return self.model_copy(update={"rating": stars, "comment": comment})


class Rating(Model):
    """All reviews of a book in two numbers, and how often they were saved."""

    book_id: UUID
    reviews: int = 0
    total: int = 0
    version: int = 0

    @property
    def mean(self) -> float | None:
        """The mean of the stars; `None` as long as there is no review."""
        return self.total / self.reviews if self.reviews else None

    def with_review(self, stars: int) -> "Rating":
        """The rating once another review is counted."""
        counted = {"reviews": self.reviews + 1, "total": self.total + stars}
        return self.model_copy(update=counted)

    def with_revision(self, previous: int, stars: int) -> "Rating":
        """The rating once a review gives other stars than before."""
        return self.model_copy(update={"total": self.total - previous + stars})

    def without_review(self, stars: int) -> "Rating":
        """The rating once a review is no longer counted."""
        counted = {"reviews": self.reviews - 1, "total": self.total - stars}
        return self.model_copy(update=counted)
