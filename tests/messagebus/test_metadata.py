"""Metadata is the class's: it says how the message is called, and no input changes it."""

from typing import Any

import pytest
from pydantic import ConfigDict, ValidationError

from messagebus import (
    Command,
    ConfigurationError,
    Event,
    GenericCommand,
    GenericEvent,
    MessageSerializer,
    Metadata,
)
from tests.messagebus.fakes import Register, Registered


class TracedMetadata(Metadata):
    team: str = "library"


class TracedEvent(GenericEvent[TracedMetadata]):
    pass


class Sold(TracedEvent):
    title: str
    metadata: TracedMetadata = TracedMetadata(name="sold", schema_version=3, team="sales")


def test_a_class_that_declares_no_metadata_is_unpublished_and_named_after_itself() -> None:
    expected = Metadata(name="Register", schema_version=1, published=False)
    assert Register(title="Emma").metadata == expected
    assert Metadata(name="Register", schema_version=1) == expected


def test_a_subclass_does_not_inherit_the_name_and_the_publication() -> None:
    class RegisteredAgain(Registered):
        pass

    message = RegisteredAgain(title="Emma")
    assert message.metadata == Metadata(name="RegisteredAgain", schema_version=1)


def test_declared_metadata_is_on_the_class_and_on_its_instances() -> None:
    declared = Metadata(name="registered", schema_version=1, published=True)
    assert Registered.metadata == Registered(title="Emma").metadata == declared


def test_a_copy_with_another_name_is_another_type_on_the_stream() -> None:
    class Lent(Registered):
        metadata: Metadata = Registered.metadata.model_copy(update={"name": "lent"})

    serialise = MessageSerializer().serialize_message
    assert serialise(Registered(title="Emma"))["type"] == "registered_v1"

    class Returned(Registered):
        metadata: Metadata = Registered.metadata.model_copy(update={"name": "returned"})

    assert serialise(Lent(title="Emma"))["type"] == "lent_v1"
    assert serialise(Returned(title="Emma"))["type"] == "returned_v1"


@pytest.mark.parametrize(
    "claimed",
    [
        Metadata(name="other", schema_version=9, published=True),
        {"name": "other", "schema_version": 9, "published": True},
        None,
        "other",
    ],
    ids=["instance", "mapping", "none", "text"],
)
@pytest.mark.parametrize("extra", ["ignore", "allow"])
def test_no_input_changes_the_metadata(claimed: object, extra: Any) -> None:
    class Opened(Event):
        model_config = ConfigDict(extra=extra)
        title: str

    content: dict[str, Any] = {"title": "Emma", "metadata": claimed}
    for message in (Opened(**content), Opened.model_validate(content)):
        assert message.metadata == Metadata(name="Opened", schema_version=1)
        assert message.model_dump() == {"title": "Emma"}
        assert message == Opened(title="Emma")


def test_metadata_is_in_no_dump_and_in_no_schema() -> None:
    message = Registered(title="Emma")
    assert "metadata" not in message.model_dump()
    assert "metadata" not in message.model_dump_json()
    assert "metadata" not in repr(message)
    assert "metadata" not in Registered.model_json_schema()["properties"]


def test_metadata_is_frozen() -> None:
    changed: Any = Registered.metadata
    with pytest.raises(ValidationError, match="frozen"):
        changed.published = False


def test_metadata_of_another_type_is_refused_when_the_class_is_made() -> None:
    wrong: Any = {"name": "wrong", "schema_version": 1}
    namespace = {"__annotations__": {"metadata": Metadata}, "metadata": wrong}
    with pytest.raises(ConfigurationError, match=r"Wrong declares its metadata as .*instance of"):
        type("Wrong", (Event,), {**namespace, "__module__": __name__})


def test_messages_may_have_a_metadata_class_of_their_own() -> None:
    assert Sold(title="Emma").metadata.team == "sales"


def test_metadata_of_one_s_own_class_has_its_defaults_where_none_is_declared() -> None:
    class Lent(TracedEvent):
        title: str

    metadata = Lent(title="Emma").metadata
    assert isinstance(metadata, TracedMetadata)
    assert (metadata.name, metadata.team, metadata.published) == ("Lent", "library", False)


def test_a_command_may_have_both_a_metadata_class_and_a_result() -> None:
    class Sell(GenericCommand[TracedMetadata, int]):
        title: str

    assert Sell(title="Emma").metadata == TracedMetadata(name="Sell", schema_version=1)


def test_a_command_may_name_its_result() -> None:
    class Count(Command[int]):
        pass

    assert Count().metadata == Metadata(name="Count", schema_version=1)


@pytest.mark.parametrize(("name", "version"), [("sold", 0), ("sold", -1), ("sold", 10**9), ("", 1)])
def test_a_type_that_no_reader_takes_is_refused_with_its_class(name: str, version: int) -> None:
    with pytest.raises(ConfigurationError, match=r"Priced is '.*_v.*' on the stream"):

        class Priced(Event):
            metadata: Metadata = Metadata(name=name, schema_version=version)

        raise AssertionError(Priced)
