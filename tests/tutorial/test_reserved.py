from typing import Any

import pytest
from lastuuid.dummies import uuidgen
from pydantic import create_model

from messagebus import ConfigurationError, Event, MessageSerializer, Model
from reading_club.domain.messages import BookReviewed
from reading_club.domain.model import Rating


def test_the_number_of_a_parcel_is_not_the_id_of_a_message() -> None:
    with pytest.raises(ConfigurationError, match="declares message_id"):
        kind = create_model("ParcelSent", __base__=Event, message_id=(int, ...))
        sent = kind.model_validate({"message_id": 7})
        assert MessageSerializer().serialize_message(sent)["id"] != 7


@pytest.mark.filterwarnings("ignore:Field name")
def test_a_field_called_messages_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="declares messages"):
        kind = create_model("Inbox", __base__=Model, messages=(list[str], ...))
        inbox: Any = kind.model_validate({"messages": ["Dear club"]})
        assert inbox.messages == ["Dear club"]


def test_a_copy_starts_with_nothing_to_say() -> None:
    rating = Rating(book_id=uuidgen(1))
    rating.messages.append(
        BookReviewed(
            id=uuidgen(2), book_id=uuidgen(1), reviewer_id=uuidgen(3), rating=9, comment=""
        )
    )
    assert rating.with_review(9).messages == []
