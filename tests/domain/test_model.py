from typing import Any

import pytest
from lastuuid.dummies import uuidgen
from pydantic import ValidationError

from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.domain.model import Book, Rating

DDD: dict[str, Any] = {
    "id": uuidgen(1),
    "isbn": "0-321-12521-5",
    "title": "Domain Driven Design",
    "author": "Eric Evans",
}


def test_books_are_equal_when_what_they_say_is() -> None:
    assert Book(**DDD) == Book(**DDD)
    assert Book(**DDD) != Book.model_validate({**DDD, "title": "Clean Code"})


def test_an_isbn_is_kept_as_it_was_typed() -> None:
    assert Book(**DDD).isbn == "0-321-12521-5"


@pytest.mark.parametrize("what", [Book, RegisterBook])
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("isbn", "0-321-12521-6"),
        ("isbn", ""),
        ("title", ""),
        ("title", " \t\N{NO-BREAK SPACE}"),
        ("title", "Domain\0Driven"),
        ("author", ""),
        ("author", "half a \udc80 character"),
    ],
)
def test_a_book_and_its_command_refuse_invalid_fields(
    what: type[Book] | type[RegisterBook], field: str, text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        what.model_validate({**DDD, field: text})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_white_space_around_a_title_is_dropped() -> None:
    assert Book.model_validate({**DDD, "title": " Domain Driven Design\n"}) == Book(**DDD)


@pytest.mark.parametrize("rating", [0, 11, -1])
def test_a_rating_is_from_1_to_10(rating: int) -> None:
    with pytest.raises(ValidationError, match="rating"):
        ReviewBook(
            id=uuidgen(3), isbn=DDD["isbn"], reviewer="Ann", rating=rating, comment="A classic"
        )


def test_a_reviewer_has_a_name() -> None:
    with pytest.raises(ValidationError, match="name"):
        RegisterReviewer(id=uuidgen(2), name=" ")


def test_a_rating_counts_reviews_and_knows_their_mean() -> None:
    rating = Rating(book_id=uuidgen(1))
    assert rating.mean is None
    rating = rating.with_review(9).with_review(6)
    assert (rating.reviews, rating.mean) == (2, 7.5)
