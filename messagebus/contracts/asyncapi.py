"""The event stream's description in AsyncAPI 3.0, derived from the message classes."""

from collections.abc import Mapping, Sequence
from typing import Any

from messagebus.contracts.schemas import MessageType, metadata_of, schema_of


def asyncapi_document(
    title: str, version: str, messages: Sequence[MessageType], channel: str = "events"
) -> Mapping[str, Any]:
    """The AsyncAPI document of the messages that the application publishes.

    In it, a message's payload is the whole envelope. The envelope's `payload` is JSON text, and its
    schema is the `contentSchema`.
    """
    names = [metadata_of(each).stream_type for each in messages]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": version},
        "defaultContentType": "application/json",
        "channels": {
            channel: {
                "address": channel,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            }
        },
        "operations": {"publish": {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}}},
        "components": {
            "messages": {metadata_of(each).stream_type: _message(each) for each in messages}
        },
    }


def _message(message: MessageType) -> Mapping[str, Any]:
    type_ = metadata_of(message).stream_type
    return {
        "name": type_,
        "title": message.__name__,
        "summary": (message.__doc__ or "").partition("\n")[0],
        "payload": {
            "type": "object",
            "required": ["id", "created_at", "type", "payload"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "created_at": {"type": "string", "format": "date-time"},
                "type": {"type": "string", "const": type_},
                "payload": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": schema_of(message),
                },
            },
        },
    }
