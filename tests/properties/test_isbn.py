"""ISBNs of all kinds, typed in all ways."""

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.ean import calc_check_digit
from stdnum.isbn import to_isbn10

from reading_club.domain.isbn import isbn_13

digits = st.text("0123456789", min_size=9, max_size=9)


def typed(number: str, separators: str) -> str:
    return "".join(a + b for a, b in zip(number, separators.ljust(len(number)), strict=False))


@settings(deadline=None)
@given(digits, st.text("- ", max_size=13))
def test_an_isbn_10_and_its_isbn_13_are_one_book_however_they_are_grouped(
    middle: str, separators: str
) -> None:
    number = f"978{middle}"
    number += calc_check_digit(number)
    assert isbn_13(number) == number
    assert isbn_13(typed(number, separators)) == number
    assert isbn_13(typed(to_isbn10(number), separators)) == number


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_thirteen_digits_or_refused(text: str) -> None:
    try:
        number = isbn_13(text)
    except ValueError:
        return
    assert len(number) == 13
    assert isbn_13(number) == number
