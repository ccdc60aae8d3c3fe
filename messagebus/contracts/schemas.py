"""The JSON Schema of a message's payload, as it is on the stream."""

from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from messagebus.messages import Message, Metadata

MessageType = type[Message]
Schema = Mapping[str, Any]

ENVELOPE_FIELDS = ("message_id", "created_at")


def metadata_of(message: Any) -> Metadata:
    """What a message class says of itself; its annotation is that of the instances."""
    metadata: Metadata = message.metadata
    return metadata


def published_messages(*modules: ModuleType) -> Sequence[MessageType]:
    """The published message classes that these modules define, by their type on the stream."""
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Message)
        and value.__module__ == module.__name__
        and metadata_of(value).published
    ]
    return sorted(found, key=_by_name_and_version)


def _by_name_and_version(message: MessageType) -> tuple[str, int]:
    metadata = metadata_of(message)
    return metadata.name, metadata.schema_version


def schema_of(message: MessageType) -> dict[str, Any]:
    """The schema of the payload: what is serialised, without what the envelope has already."""
    schema = message.model_json_schema(mode="serialization")
    for name in ENVELOPE_FIELDS:
        schema.get("properties", {}).pop(name, None)
    schema["required"] = _without_envelope(schema.get("required", ()))
    return schema


def _without_envelope(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in ENVELOPE_FIELDS]
