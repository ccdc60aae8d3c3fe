"""The JSON Schema of a message's payload, as it is on the stream."""

from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from messagebus.messages import Message

MessageType = type[Message]
Schema = Mapping[str, Any]

ENVELOPE_FIELDS = ("message_id", "created_at")


def published_messages(*modules: ModuleType) -> Sequence[MessageType]:
    """The published message classes that these modules define, by their type on the stream."""
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Message)
        and value.__module__ == module.__name__
        and value.metadata.published
    ]
    return sorted(found, key=lambda each: (each.metadata.name, each.metadata.schema_version))


def schema_of(message: MessageType) -> dict[str, Any]:
    """The schema of the payload: what is serialised, without what the envelope has already."""
    schema = message.model_json_schema(mode="serialization")
    for name in ENVELOPE_FIELDS:
        schema.get("properties", {}).pop(name, None)
    schema["required"] = _without_envelope(schema.get("required", ()))
    return schema


def _without_envelope(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in ENVELOPE_FIELDS]
