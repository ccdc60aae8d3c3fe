"""The JSON Schema of a message's payload on the stream."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from messagebus.errors import ConfigurationError
from messagebus.messages import Message, Metadata
from messagebus.serialization.checks import ENVELOPE_FIELDS

MessageType = type[Message]
Schema = Mapping[str, Any]


def metadata_of(message: Any) -> Metadata:
    """The metadata of a message class; the attribute's annotation is that of the instances."""
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


class _AsWritten(GenerateJsonSchema):
    """Names fields as the serializer does: by alias only if a class has `serialize_by_alias`."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        return self._named(super().model_schema, schema)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> dict[str, Any]:
        return self._named(super().dataclass_schema, schema)

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> dict[str, Any]:
        return self._named(super().typed_dict_schema, schema)

    def _named(self, generate: Callable[[Any], dict[str, Any]], schema: Any) -> dict[str, Any]:
        outer = self.by_alias
        self.by_alias = bool(schema.get("config", {}).get("serialize_by_alias"))
        try:
            return generate(schema)
        finally:
            self.by_alias = outer


def schema_of(message: MessageType) -> dict[str, Any]:
    """The schema of the serialised payload, without the fields of the envelope.

    Raises `ConfigurationError` for a class with a field that no JSON Schema describes.
    """
    try:
        schema = message.model_json_schema(schema_generator=_AsWritten, mode="serialization")
    except Exception as error:
        raise ConfigurationError(
            f"{message.__qualname__} has no JSON Schema: {error}. A published message has one. "
            "Give its fields types that JSON can represent, or leave it unpublished."
        ) from error
    for name in ENVELOPE_FIELDS:
        schema.get("properties", {}).pop(name, None)
    schema["required"] = _without_envelope(schema.get("required", ()))
    return schema


def _without_envelope(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in ENVELOPE_FIELDS]
