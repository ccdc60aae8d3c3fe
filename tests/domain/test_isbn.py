import pytest

from reading_club.domain.isbn import isbn_13


@pytest.mark.parametrize(
    "typed",
    ["0-321-12521-5", "0321125215", "978-0-321-12521-7", "978 0 321 12521 7", "9780321125217"],
)
def test_an_isbn_is_one_number_however_it_is_typed(typed: str) -> None:
    assert isbn_13(typed) == "9780321125217"


def test_the_check_digit_x_may_be_small() -> None:
    assert isbn_13("0-8044-2957-x") == isbn_13("080442957X")


@pytest.mark.parametrize("typed", ["0-321-12521-6", "9780321125218", "4006381333931", "x", ""])
def test_a_number_that_is_no_isbn_is_named(typed: str) -> None:
    with pytest.raises(ValueError, match=f"'{typed}' is no ISBN"):
        isbn_13(typed)
