import pytest
from lastuuid.dummies import uuidgen
from pydantic import ValidationError

from reading_club.domain.model import Book

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


def test_a_book_cannot_be_changed_behind_its_rules() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        DDD.isbn = "0-321-12521-6"


def test_a_changed_book_is_a_new_one() -> None:
    assert DDD.changed(title="Domain-Driven Design").title == "Domain-Driven Design"
    assert DDD.title == "Domain Driven Design"


def test_a_changed_book_is_checked() -> None:
    with pytest.raises(ValidationError, match="is no ISBN"):
        DDD.changed(isbn="0-321-12521-6")
