import pytest
from lastuuid.dummies import uuidgen
from pydantic import ValidationError

from reading_club.domain.model import Book


def book(isbn: str = "0-321-12521-5", title: str = "Domain Driven Design") -> Book:
    return Book(id=uuidgen(1), isbn=isbn, title=title, author="Eric Evans")


def test_books_are_equal_when_what_they_say_is() -> None:
    assert book() == book()
    assert book() != book(title="Clean Code")


def test_an_isbn_is_kept_as_it_was_typed() -> None:
    assert book(isbn="978-0-321-12521-7").isbn == "978-0-321-12521-7"


def test_a_book_with_a_wrong_digit_is_refused() -> None:
    with pytest.raises(ValidationError, match="'0-321-12521-6' is no ISBN"):
        book(isbn="0-321-12521-6")


def test_a_book_without_a_title_is_refused() -> None:
    with pytest.raises(ValidationError, match="title"):
        book(title="  ")
