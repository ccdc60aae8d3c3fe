"""From a delivery to the inbox's arrival, and to a message of this context."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from messagebus.consumer.inbox import Arrival
from messagebus.contracts import (
    MessageReader,
    NewerMessageError,
    UnknownMessageError,
    UnreadableMessageError,
    Upcasters,
)
from messagebus.contracts.schemas import MessageType, metadata_of
from messagebus.errors import ConfigurationError
from messagebus.messages import Message
from messagebus.relay.codec import decode
from messagebus.relay.stream import StreamMessage

_LONGEST_ID = 64
_LONGEST_KEY = 255


@dataclass(slots=True)
class Incoming(Arrival):
    """An arrival, decoded and read as far as that was possible."""

    stream_message: StreamMessage | None = None
    message: Message | None = None
    """The message to be handled; `None` for one that is ignored, or was not read yet."""


class IncomingReader:
    """Decodes bodies, and reads messages of the given classes that have a handler."""

    def __init__(self, messages: Iterable[MessageType], upcasters: Upcasters | None) -> None:
        kinds = [*messages]
        for each in kinds:
            if metadata_of(each).published:
                raise ConfigurationError(
                    f"{each.__module__}.{each.__qualname__} is consumed and published. A consumed "
                    "message goes to this service's journal, and its relay would publish it again. "
                    "Give the consumer a class of its own with published=False."
                )
        self._reader = MessageReader(kinds, upcasters)

    def identify(self, body: bytes, headers: Mapping[str, str]) -> Incoming:
        """Decode a body, and run no code of the application."""
        try:
            message = decode(body, headers)
        except UnreadableMessageError as error:
            id_ = sha256(body).hexdigest()
            key = _fitting(headers.get("stream_key", id_), _LONGEST_KEY)
            return Incoming(id_, key, body, headers, rejection=str(error))
        key = _fitting(message.headers.get("stream_key", ""), _LONGEST_KEY)
        return Incoming(_id_of(message), key, body, headers, stream_message=message)

    def read(self, incoming: Incoming, handled: Iterable[type[Message]]) -> Incoming:
        """Read the message of a known class that has a handler, or note why it is rejected."""
        if incoming.stream_message is None:
            return incoming
        try:
            message = self._reader.read(incoming.stream_message.envelope)
        except UnknownMessageError:
            return incoming
        except (NewerMessageError, UnreadableMessageError, ConfigurationError) as error:
            incoming.rejection = str(error)
            return incoming
        if type(message) in handled:
            incoming.message = message
        return incoming


def _id_of(message: StreamMessage) -> str:
    text = message.envelope["id"]
    try:
        return str(UUID(text))
    except ValueError:
        return _fitting(text, _LONGEST_ID)


def _fitting(text: str, length: int) -> str:
    """The text, or a digest of one that a database's column can't store."""
    encoded = text.encode(errors="surrogatepass")
    if len(text) <= length and "\0" not in text and encoded.decode(errors="replace") == text:
        return text
    return sha256(encoded).hexdigest()
