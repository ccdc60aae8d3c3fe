"""From a message to the stream: its envelope, and the publisher that hands it over."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from messagebus.messages import Message
from messagebus.ports import AsyncAbstractEventstreamTransport, SyncAbstractEventstreamTransport

_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_encode = json.encoder.c_make_encoder(
    None, _encoder.default, json.encoder.encode_basestring, None, ": ", ", ", False, False, False
)


class AbstractMessageSerializer(ABC):
    """Makes the envelope that a transport carries."""

    @abstractmethod
    def serialize_message(self, message: Message[Any]) -> Mapping[str, Any]:
        """Return the message's envelope; raise where it cannot be said."""


class MessageSerializer(AbstractMessageSerializer):
    """The stream's own format: `id`, `created_at`, `type` and `payload`, all text.

    The payload is JSON with the message's fields in the order of their definition,
    without its id, time and metadata.
    """

    def serialize_message(self, message: Message[Any]) -> Mapping[str, Any]:
        """Return the envelope; raise `ValueError` where JSON cannot say the payload."""
        metadata = message.metadata
        return {
            "id": str(message.message_id),
            "created_at": message.created_at.isoformat(),
            "type": f"{metadata.name}_v{metadata.schema_version}",
            "payload": _to_json(message.__pydantic_serializer__.to_python(message, mode="json")),
        }


def _to_json(payload: dict[str, Any]) -> str:
    return "".join(_encode(payload, 0))


class AsyncEventstreamPublisher:
    """Serialises messages and hands them to a transport."""

    def __init__(
        self,
        transport: AsyncAbstractEventstreamTransport,
        serializer: AbstractMessageSerializer | None = None,
    ) -> None:
        self.transport = transport
        self.serializer = serializer or MessageSerializer()

    async def send_message(self, message: Message[Any]) -> None:
        """Send one message at once, outside any transaction."""
        await self.transport.send_message_serialized(self.serializer.serialize_message(message))


class SyncEventstreamPublisher:
    """Serialises messages and hands them to a transport."""

    def __init__(
        self,
        transport: SyncAbstractEventstreamTransport,
        serializer: AbstractMessageSerializer | None = None,
    ) -> None:
        self.transport = transport
        self.serializer = serializer or MessageSerializer()

    def send_message(self, message: Message[Any]) -> None:
        """Send one message at once, outside any transaction."""
        self.transport.send_message_serialized(self.serializer.serialize_message(message))
