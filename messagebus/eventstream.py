"""From a message to the stream: its envelope, and the publisher that hands it over."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from json import encoder
from typing import Any

from pydantic_core import to_jsonable_python

from messagebus.errors import SerializationError
from messagebus.messages import Message
from messagebus.ports import AsyncAbstractEventstreamTransport, SyncAbstractEventstreamTransport
from messagebus.serialization.roundtrip import is_sure, require_equal
from messagebus.variants import raise_if_awaitable


def _make_encoder() -> Callable[[object, int], Iterable[str]]:
    """Make the C encoder once, which `json.dumps` makes at each call; without C, a plain one."""
    in_python = encoder.JSONEncoder(ensure_ascii=False, allow_nan=False)
    make: Any = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return lambda content, _level: in_python.iterencode(content)
    text: Any = encoder.encode_basestring
    made: Callable[[object, int], Iterable[str]] = make(
        None, in_python.default, text, None, ": ", ", ", False, False, False
    )
    return made


_encode = _make_encoder()


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
        """Return the envelope; raise `SerializationError` unless it would be read back equal."""
        try:
            message_id, created_at = to_jsonable_python((message.message_id, message.created_at))
            content = message.__pydantic_serializer__.to_python(message, mode="json")
            payload = "".join(_encode(content, 0))
            if not payload.isascii():
                payload.encode()
            if message.__messagebus_sure__ is not type(message) and not is_sure(message):
                require_equal(message, message_id, created_at, payload)
            return {
                "id": message_id,
                "created_at": created_at.replace("Z", "+00:00"),
                "type": message.metadata.stream_type,
                "payload": payload,
            }
        except SerializationError:
            raise
        except Exception as error:
            raise SerializationError(
                f"{type(message).__qualname__} holds what JSON cannot say: {error}"
            ) from error


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

    def send_message(self, message: Message) -> None:
        """Send one message at once, outside any transaction."""
        send = self.transport.send_message_serialized
        raise_if_awaitable(send(self.serializer.serialize_message(message)), send)
