"""Envelopes of every age, read as the classes of today."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict

from messagebus import ConfigurationError, Event, Field, MessageSerializer, Metadata
from messagebus.contracts import (
    MessageReader,
    NewerMessageError,
    UnknownMessageError,
    UnreadableMessageError,
    Upcasters,
    published_messages,
    schema_of,
)
from reading_club.domain import messages as club_messages

STORED = Path(__file__).parent / "stored"


class ParcelSent(Event):
    """In its third version: kilogrammes became grammes, and the receiver got an address."""

    parcel: str
    grammes: int = Field(ge=1)
    to: dict[str, str]
    metadata: Metadata = Metadata(name="parcel_sent", schema_version=3, published=True)


class Reviewer(BaseModel):
    name: str = Field(alias="called")


class Bell:
    """Nothing that JSON could say."""


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


@pytest.mark.parametrize("message", published_messages(club_messages))
def test_every_envelope_that_the_club_ever_published_is_read(
    message: type[Event],
) -> None:
    reader = MessageReader(published_messages(club_messages))
    envelope = stored(message.metadata.stream_type)
    read = reader.read(envelope)
    assert type(read) is message
    assert MessageSerializer().serialize_message(read) == envelope


@pytest.mark.parametrize(
    ("type_", "error"),
    [
        ("letter_sent_v1", UnknownMessageError),
        ("parcel", UnknownMessageError),
        ("parcel_sent_v4", NewerMessageError),
        ("parcel_sent_v0", UnreadableMessageError),
    ],
)
def test_an_unknown_name_and_a_later_version_are_errors_of_their_own(
    reader: MessageReader, type_: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=type_):
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
    with pytest.raises(UnreadableMessageError, match="lacks 'id'"):
        reader.read({"type": "parcel_sent_v3", "payload": "{}", "created_at": ""})


def test_a_gap_between_versions_is_named(reader: MessageReader) -> None:
    with pytest.raises(ConfigurationError, match=r'step\("parcel_sent", 1\)'):
        MessageReader([ParcelSent]).read(stored("parcel_sent_v1"))


@pytest.mark.parametrize(
    "change",
    [
        {"type": None},
        {"type": ["parcel_sent_v3"]},
        {"payload": None},
        {"payload": {"parcel": "P-7"}},
        {"payload": b"\xff"},
        {"payload": '{"parcel": "\\ud800", "grammes": 1, "to": {}}'},
        {"id": None},
        {"id": "7"},
        {"created_at": "9999-12-31T23:59:59-12:00"},
        {"created_at": "2026-07-01T12:30:00"},
        {"created_at": range(1)},
    ],
    ids=str,
)
def test_a_malformed_envelope_is_unreadable(reader: MessageReader, change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableMessageError, match=r"with the id .* cannot be read: "):
        reader.read({**stored("parcel_sent_v3"), **change})


@pytest.mark.parametrize("envelope", [None, [], "parcel_sent_v3", 7])
def test_an_object_that_is_no_mapping_is_unreadable(reader: MessageReader, envelope: Any) -> None:
    with pytest.raises(UnreadableMessageError, match="no mapping"):
        reader.read(envelope)


def fails(payload: dict[str, Any]) -> Any:
    return payload["grams"]


def nests(payload: dict[str, Any]) -> Any:
    return {**payload, "to": nests(payload)}


def forgets(payload: dict[str, Any]) -> Any:
    payload["to"] = {}


def mixes(payload: dict[str, Any]) -> Any:
    return {**payload, "to": object()}


@pytest.mark.parametrize(
    ("upcast", "why"),
    [
        (fails, "KeyError: 'grams'"),
        (nests, "RecursionError: "),
        (forgets, "TypeError: "),
        (mixes, "PydanticSerializationError: "),
    ],
)
def test_an_upcaster_that_fails_is_named_with_the_envelope(upcast: Any, why: str) -> None:
    failing = Upcasters()
    failing.step("parcel_sent", 2)(upcast)
    envelope = stored("parcel_sent_v2")
    with pytest.raises(UnreadableMessageError) as raised:
        MessageReader([ParcelSent], failing).read(envelope)
    assert f"parcel_sent_v2 with the id {envelope['id']} cannot be read: {why}" in str(raised.value)
    assert isinstance(raised.value.__cause__, Exception)


def test_an_upcaster_may_return_values_of_pydantic_s_json_parser() -> None:
    upcasters = Upcasters()
    upcasters.step("parcel_sent", 2)(lambda payload: {**payload, "to": {"name": UUID(int=1)}})
    read = MessageReader([ParcelSent], upcasters).read(stored("parcel_sent_v2"))
    assert read == ParcelSent(parcel="P-7", grammes=2000, to={"name": str(UUID(int=1))})


def test_a_coroutine_function_is_no_upcaster() -> None:
    async def later(payload: dict[str, Any]) -> dict[str, Any]:
        return payload

    upcast: Any = later
    with pytest.raises(ConfigurationError, match="later is a coroutine function"):
        Upcasters().step("parcel_sent", 1)(upcast)


def test_a_step_from_a_version_that_never_was_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="parcel_sent_v0"):
        Upcasters().step("parcel_sent", 0)


def test_the_schema_names_fields_as_they_are_written() -> None:
    class Rated(Event):
        model_config = ConfigDict(serialize_by_alias=True)
        stars: int = Field(alias="rating")
        by: Reviewer

    message = Rated(rating=5, by=Reviewer(called="Ada"))
    payload = json.loads(MessageSerializer().serialize_message(message)["payload"])
    schema = schema_of(Rated)
    assert list(schema["properties"]) == list(payload) == ["rating", "by"]
    assert list(schema["$defs"]["Reviewer"]["properties"]) == list(payload["by"]) == ["name"]


def test_a_class_without_a_schema_is_named() -> None:
    class Rung(Event):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        bell: Bell

    with pytest.raises(ConfigurationError, match="Rung has no JSON Schema"):
        schema_of(Rung)
