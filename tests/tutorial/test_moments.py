from typing import Any

import pytest
from lastuuid.dummies import uuidgen
from pydantic import ValidationError

from messagebus import MessageSerializer
from reading_club.domain.messages import ReviewerRegistered


def registered(at: str) -> ReviewerRegistered:
    content: dict[str, Any] = {"id": uuidgen(1), "name": "Ada", "created_at": at}
    return ReviewerRegistered(**content)


def test_moments_on_the_stream_sort_as_they_happened() -> None:
    in_vienna = registered("2026-05-01T09:30:00+02:00")
    in_london = registered("2026-05-01T09:00:00+01:00")
    told = [
        MessageSerializer().serialize_message(each)["created_at"] for each in (in_vienna, in_london)
    ]
    assert told == sorted(told)


def test_a_time_that_does_not_say_where_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        registered("2026-05-01T09:30:00")
