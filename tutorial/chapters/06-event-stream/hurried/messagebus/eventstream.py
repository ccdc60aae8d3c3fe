"""From a message to the stream: its envelope, and the publisher that hands it over."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from messagebus.messages import Message
from messagebus.ports import AsyncAbstractEventstreamTransport


class AbstractMessageSerializer(ABC):
    """Makes the envelope that a transport carries."""

    @abstractmethod
    def serialize_message(self, message: Message) -> Mapping[str, Any]:
        """Return the message's envelope; raise where it cannot be said."""


class MessageSerializer(AbstractMessageSerializer):
    """The stream's own format: `id`, `created_at`, `type` and `payload`, all text.

    The payload is JSON with the message's fields in the order of their definition,
    without its id, time and metadata.
    """

    def serialize_message(self, message: Message) -> Mapping[str, Any]:
        """Return the envelope; raise where JSON cannot say the payload."""
        metadata = message.metadata
        content = message.model_dump(mode="json", exclude={"metadata"})
        return {
            "id": str(message.message_id),
            "created_at": message.created_at.isoformat(),
            "type": f"{metadata.name}_v{metadata.schema_version}",
            "payload": json.dumps(content, ensure_ascii=False),
        }


class AsyncEventstreamPublisher:
    """Serialises messages and hands them to a transport."""

    def __init__(
        self,
        transport: AsyncAbstractEventstreamTransport,
        serializer: AbstractMessageSerializer | None = None,
    ) -> None:
        self.transport = transport
        self.serializer = serializer or MessageSerializer()

    async def send_message(self, message: Message) -> None:
        """Send one message."""
        await self.transport.send_message_serialized(self.serializer.serialize_message(message))
