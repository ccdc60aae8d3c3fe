import pytest
from lastuuid.dummies import uuidgen
from pydantic import ValidationError

from reading_club.domain.messages import RegisterBook


def command(isbn: str = "0-321-12521-5") -> RegisterBook:
    return RegisterBook(id=uuidgen(1), isbn=isbn, title="Domain Driven Design", author="Evans")


def test_commands_are_equal_when_what_they_ask_is() -> None:
    assert command() == command()
    assert command() != command(isbn="978-0-321-12521-7")


def test_each_command_has_an_id_of_its_own_and_later_ones_sort_behind() -> None:
    assert command().message_id < command().message_id


def test_a_command_cannot_be_changed_once_it_is_given() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        command().__setattr__("title", "Clean Code")


def test_a_command_with_a_wrong_isbn_is_never_given() -> None:
    with pytest.raises(ValidationError, match="'0-321-12521-6' is no ISBN"):
        command(isbn="0-321-12521-6")
