from pydantic import BaseModel

from messagebus import Command, Field


class Address(BaseModel, frozen=True):
    street: str


class LendBook(Command[None]):
    to: Address
    pin: str = Field(default="", exclude=True)


def test_two_orders_that_differ_in_what_is_never_dumped_are_two() -> None:
    ada = Address(street="12 Dorset Street")
    assert LendBook(to=ada, pin="1815") != LendBook(to=ada, pin="1852")


def test_a_message_with_a_model_inside_has_a_hash() -> None:
    ada = Address(street="12 Dorset Street")
    assert hash(LendBook(to=ada)) == hash(LendBook(to=ada))
