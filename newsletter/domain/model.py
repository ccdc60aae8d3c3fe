"""What the newsletter stores."""

from datetime import datetime
from uuid import UUID

from messagebus import Model


class Letter(Model):
    """A letter about a new book. There is one for each book."""

    id: UUID
    book_id: UUID
    title: str
    written_at: datetime


class Standing(Model):
    """A book among the others, by the mean of its ratings."""

    book_id: UUID
    title: str
    reviews: int
    total: int

    @property
    def mean(self) -> float:
        """The mean rating of a book that has a review."""
        return self.total / self.reviews
