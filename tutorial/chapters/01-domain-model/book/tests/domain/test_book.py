from lastuuid.dummies import uuidgen

from reading_club.domain.model import Book


def book(isbn: str = "0-321-12521-5", title: str = "Domain Driven Design") -> Book:
    return Book(id=uuidgen(1), isbn=isbn, title=title, author="Eric Evans")


def test_books_are_equal_when_what_they_say_is() -> None:
    assert book() == book()
    assert book() != book(title="Clean Code")
