"""Bodies of requests follow the rules of the commands that are made of them."""

import pytest
from pydantic import ValidationError

from reading_club.entrypoints.http.bodies import NewBook, NewReview, NewReviewer

ISBN = "0-321-12521-5"
NFC, NFD = "Ren\N{LATIN SMALL LETTER E WITH ACUTE}", "Rene\N{COMBINING ACUTE ACCENT}"


@pytest.mark.parametrize("typed", [NFC, NFD, f" {NFD}\t", f"\ufeff{NFC}"], ids=ascii)
def test_spellings_that_look_alike_are_one_name(typed: str) -> None:
    assert NewReviewer(name=typed).name == NFC
    assert NewReview(isbn=ISBN, reviewer=typed, rating=1, comment="").reviewer == NFC


@pytest.mark.parametrize("typed", ["\u200b", "a\x07", "a" * 256], ids=ascii)
def test_a_name_that_breaks_a_rule_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        NewReviewer(name=typed)


@pytest.mark.parametrize(
    ("field", "typed"),
    [("title", "a" * 2_001), ("author", "\u200b"), ("isbn", "979-0-2600-0043-8")],
    ids=ascii,
)
def test_a_book_that_breaks_a_rule_is_refused(field: str, typed: str) -> None:
    book = {"isbn": ISBN, "title": "Domain Driven Design", "author": "Eric Evans"}
    with pytest.raises(ValidationError):
        NewBook.model_validate({**book, field: typed})
