import pytest
from lastuuid.dummies import uuidgen
from pydantic import ValidationError

from reading_club.domain.messages import RegisterBook


def command(isbn: str = "0-321-12521-5") -> RegisterBook:
    return RegisterBook(id=uuidgen(1), isbn=isbn, title="Domain Driven Design", author="Evans")


def test_a_command_with_a_wrong_isbn_is_never_given() -> None:
    with pytest.raises(ValidationError, match="'0-321-12521-6' is no ISBN"):
        command(isbn="0-321-12521-6")
