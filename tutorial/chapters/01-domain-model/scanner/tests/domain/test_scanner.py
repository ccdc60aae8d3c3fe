import pytest
from lastuuid.dummies import uuidgen

from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Book


@pytest.mark.parametrize("scanned", ["ISBN 0-321-12521-5", "ISBN: 978-0-321-12521-7"])
def test_a_scanner_may_say_that_it_is_an_isbn(scanned: str) -> None:
    assert isbn_13(scanned) == "9780321125217"


def test_the_book_keeps_what_the_scanner_said() -> None:
    book = Book(id=uuidgen(1), isbn="ISBN 0-321-12521-5", title="DDD", author="Eric Evans")
    assert book.isbn == "ISBN 0-321-12521-5"
