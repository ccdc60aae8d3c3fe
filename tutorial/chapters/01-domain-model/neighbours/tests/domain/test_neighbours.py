from collections.abc import Iterator

from reading_club.domain.isbn import isbn_13


def swapped(isbn: str) -> Iterator[str]:
    """The number with two different neighbours changed over, at each place."""
    for left in range(len(isbn) - 1):
        pair = isbn[left : left + 2]
        if pair[0] != pair[1]:
            yield isbn[:left] + pair[::-1] + isbn[left + 2 :]


def overlooked(isbn: str) -> list[str]:
    """The swaps that still pass for an ISBN."""
    found: list[str] = []
    for typed in swapped(isbn):
        try:
            isbn_13(typed)
        except ValueError:
            continue
        found.append(typed)
    return found


def test_ten_digits_notice_every_swap() -> None:
    assert overlooked("0132350882") == []


def test_thirteen_digits_overlook_neighbours_that_differ_by_five() -> None:
    assert overlooked("9780132350884") == ["9780132305884"]
