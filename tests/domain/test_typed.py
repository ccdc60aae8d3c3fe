"""What is typed means what people see; what was kept is read as it was."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lastuuid.dummies import uuidgen
from pydantic import BaseModel, ValidationError

from messagebus.contracts import MessageReader
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.domain.model import Book, Reviewer
from reading_club.domain.typed import as_seen

NFC, NFD = "Ren\N{LATIN SMALL LETTER E WITH ACUTE}", "Rene\N{COMBINING ACUTE ACCENT}"
BOOK: Mapping[str, Any] = {
    "id": uuidgen(1),
    "isbn": "0-321-12521-5",
    "title": "Domain Driven Design",
    "author": "Eric Evans",
}
REVIEW: Mapping[str, Any] = {
    "id": uuidgen(2),
    "isbn": BOOK["isbn"],
    "reviewer": "Ann",
    "rating": 9,
    "comment": "",
}
ISMN = "979-0-2600-0043-8"


def reviewer(name: str) -> RegisterReviewer:
    return RegisterReviewer(id=uuidgen(1), name=name)


@pytest.mark.parametrize(
    "typed",
    [
        NFD,
        f"\ufeff{NFC}",
        f"{NFC}\u200b",
        f"Ren\u200b{NFC[3:]}",
        "Rene\u200b\N{COMBINING ACUTE ACCENT}",
        f"\u202a{NFD}\u202c",
        f"Re\u00adn\u2060{NFC[3:]}",
        f"{NFC}\u200d",
        f" \t{NFC}\u3000\n",
    ],
    ids=ascii,
)
def test_spellings_that_look_alike_are_one_name(typed: str) -> None:
    assert reviewer(typed).name == NFC
    assert ReviewBook.model_validate({**REVIEW, "reviewer": typed}).reviewer == NFC
    book = RegisterBook.model_validate({**BOOK, "title": typed, "author": typed})
    assert (book.title, book.author) == (NFC, NFC)


@pytest.mark.parametrize(
    "typed", ["Ann\u00a0Lee", "Ann  Lee", "Ann\tLee", "Ann\r\n Lee", "Ann\u2028Lee", "Ann\x85Lee"]
)
def test_white_space_in_a_name_is_one_space(typed: str) -> None:
    assert reviewer(typed).name == "Ann Lee"


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}",
        "\uff21\uff4e\uff4e",
        "C++ & \u4e09\u4f53 \u2116 1",
    ],
    ids=ascii,
)
def test_characters_that_a_script_needs_are_kept(name: str) -> None:
    assert reviewer(name).name == name


def test_a_comment_keeps_its_lines() -> None:
    review = ReviewBook.model_validate(
        {**REVIEW, "comment": f"\n{NFD}:\r\n\r\n  read  it\ttwice. \n"}
    )
    assert review.comment == f"{NFC}:\n\n  read  it\ttwice."


@pytest.mark.parametrize(
    "typed",
    ["\u200b", "\ufeff \u2060", "\u3164", "\u2800", "\u0301", "a\x1b[31mred", "a\x07", "a" * 256],
    ids=lambda typed: ascii(typed[:9]),
)
def test_a_name_that_is_unreadable_or_too_long_for_an_index_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        reviewer(typed)
    assert [error["loc"] for error in refused.value.errors()] == [("name",)]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", "a" * 2_001),
        ("author", "\u200b"),
        ("isbn", ISMN),
        ("isbn", f"{'-' * 50}0321125215"),
    ],
)
def test_a_book_that_breaks_a_rule_is_refused_where_it_is_registered(
    field: str, typed: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        RegisterBook.model_validate({**BOOK, field: typed})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_a_comment_is_bounded() -> None:
    with pytest.raises(ValidationError, match="20001 characters are too many"):
        ReviewBook.model_validate({**REVIEW, "comment": "a" * 20_001})


KEPT: list[tuple[type[BaseModel], Mapping[str, Any], Mapping[str, str]]] = [
    (RegisterReviewer, {"id": uuidgen(1)}, {"name": NFD}),
    (RegisterReviewer, {"id": uuidgen(1)}, {"name": "\u200b"}),
    (RegisterReviewer, {"id": uuidgen(1)}, {"name": "long " * 999 + "name"}),
    (RegisterBook, BOOK, {"isbn": ISMN, "title": "a  b\x07", "author": "\u2060"}),
    (ReviewBook, REVIEW, {"isbn": ISMN, "reviewer": NFD, "comment": f"{NFD}\r\n\x07"}),
    (Reviewer, {"id": uuidgen(1)}, {"name": "\u200b"}),
    (Book, BOOK, {"isbn": ISMN, "title": NFD}),
]


@pytest.mark.parametrize(("kind", "others", "kept"), KEPT)
def test_messages_that_earlier_rules_allowed_are_read_unchanged(
    kind: type[BaseModel], others: Mapping[str, Any], kept: Mapping[str, str]
) -> None:
    payload = {**others, **kept}
    text = json.dumps(payload, default=str)
    assert kind.model_validate_json(text).model_dump() == payload


def test_a_reader_of_the_journal_keeps_a_command_as_it_was() -> None:
    envelope = {
        "id": "01a21aae-5555-78b5-b0b3-45f6b38c1047",
        "created_at": "2026-11-30T12:00:00+00:00",
        "type": "register_reviewer_v1",
        "payload": f'{{"id": "{uuidgen(1)}", "name": "{NFD}"}}',
    }
    command = MessageReader([RegisterReviewer]).read(envelope)
    assert isinstance(command, RegisterReviewer)
    assert command.name == NFD


def test_a_book_of_printed_music_that_was_kept_can_be_reviewed() -> None:
    assert ReviewBook.model_validate({**REVIEW, "isbn": ISMN}).isbn == ISMN


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert as_seen(as_seen(text)) == as_seen(text)
