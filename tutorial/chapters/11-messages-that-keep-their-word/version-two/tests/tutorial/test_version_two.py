from typing import Any

from lastuuid.dummies import uuidgen

from messagebus import Field, MessageSerializer, Metadata
from reading_club.domain.messages import BookRegistered


class BookRegisteredV2(BookRegistered):
    """Says in which language the book is written, too."""

    language: str = Field(default="en")
    metadata: Metadata = Metadata(name="register_book", schema_version=2, published=True)


def test_both_versions_can_be_told() -> None:
    content: dict[str, Any] = {"id": uuidgen(1), "isbn": "0-321-12521-5", "title": "DDD"}
    content["author"] = "Evans"
    told = [BookRegistered(**content), BookRegisteredV2(**content)]
    assert [MessageSerializer().serialize_message(each)["type"] for each in told] == [
        "register_book_v1",
        "register_book_v2",
    ]
