"""Envelopes of every age, read as the classes of today."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from messagebus import ConfigurationError, Event, Field, MessageSerializer, Metadata
from messagebus.contracts import (
    MessageReader,
    UnknownMessageError,
    UnreadableMessageError,
    Upcasters,
)
from reading_club.domain.messages import BookRegistered, BookReviewed, ReviewerRegistered

STORED = Path(__file__).parent / "stored"


class ParcelSent(Event):
    """In its third version: kilogrammes became grammes, and the receiver got an address."""

    parcel: str
    grammes: int = Field(ge=1)
    to: dict[str, str]
    metadata: Metadata = Metadata(name="parcel_sent", schema_version=3, published=True)


upcasters = Upcasters()


@upcasters.step("parcel_sent", 1)
def in_grammes(payload: dict[str, Any]) -> dict[str, Any]:
    return {"parcel": payload["parcel"], "grammes": payload["kg"] * 1000, "to": payload["to"]}


@upcasters.step("parcel_sent", 2)
def with_an_address(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "to": {"name": payload["to"]}}


@pytest.fixture
def reader() -> MessageReader:
    return MessageReader([ParcelSent], upcasters)


def stored(name: str) -> dict[str, str]:
    envelope: dict[str, str] = json.loads(STORED.joinpath(f"{name}.json").read_text())
    return envelope


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_stored_envelope_of_each_version_is_read_as_the_newest(
    reader: MessageReader, version: int
) -> None:
    envelope = stored(f"parcel_sent_v{version}")
    message = reader.read(envelope)
    assert message == ParcelSent(parcel="P-7", grammes=2000, to={"name": "Ada"})
    assert message.message_id == UUID(envelope["id"])
    assert message.created_at.isoformat() == envelope["created_at"]


@pytest.mark.parametrize("message", [BookRegistered, ReviewerRegistered, BookReviewed])
def test_what_the_club_has_ever_published_is_read_by_the_club_of_today(
    message: type[Event],
) -> None:
    reader = MessageReader([BookRegistered, ReviewerRegistered, BookReviewed])
    envelope = stored(message.metadata.stream_type)
    read = reader.read(envelope)
    assert type(read) is message
    assert MessageSerializer().serialize_message(read) == envelope


@pytest.mark.parametrize("type_", ["letter_sent_v1", "parcel_sent_v4", "parcel_sent_v0", "parcel"])
def test_what_is_not_known_here_may_be_known_to_a_later_release(
    reader: MessageReader, type_: str
) -> None:
    with pytest.raises(UnknownMessageError, match=type_):
        reader.read({**stored("parcel_sent_v3"), "type": type_})


@pytest.mark.parametrize(
    "payload",
    ["", "[]", "null", "{", '{"parcel": "P-7", "grammes": 0, "to": {}}', "[" * 100_000],
)
def test_a_payload_that_breaks_the_rules_is_named_and_not_raised_as_something_else(
    reader: MessageReader, payload: str
) -> None:
    envelope = {**stored("parcel_sent_v3"), "payload": payload}
    with pytest.raises(UnreadableMessageError, match=envelope["id"]):
        reader.read(envelope)


def test_an_envelope_that_lacks_a_part_is_unreadable(reader: MessageReader) -> None:
    with pytest.raises(UnreadableMessageError, match="without 'id'"):
        reader.read({"type": "parcel_sent_v3", "payload": "{}", "created_at": ""})


def test_a_gap_between_versions_is_named(reader: MessageReader) -> None:
    with pytest.raises(ConfigurationError, match=r'step\("parcel_sent", 1\)'):
        MessageReader([ParcelSent]).read(stored("parcel_sent_v1"))
