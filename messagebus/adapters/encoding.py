"""Checks for streams that store messages as text: a message that is written can be read again."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from messagebus.relay.stream import MessageRejectedError, StreamMessage

T = TypeVar("T")

ENVELOPE = ("id", "created_at", "type", "payload")
_NEEDED = frozenset(ENVELOPE)


def check_message(message: StreamMessage) -> None:
    """Raise `ValueError` unless the envelope has all keys and each value is text in UTF-8."""
    check_envelope(message.envelope)
    for part in (message.envelope, message.headers):
        for name, value in part.items():
            if not _is_text(value):
                raise ValueError(f"its {name} is no text in UTF-8")


def check_envelope(envelope: Mapping[str, str]) -> None:
    """Raise `ValueError` unless the envelope has all its keys."""
    if not envelope.keys() >= _NEEDED:
        raise ValueError(f"its envelope lacks {', '.join(sorted(_NEEDED - envelope.keys()))}")


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def encode_prefix(
    batch: Sequence[StreamMessage], encode: Callable[[StreamMessage], T], keeper: str
) -> tuple[Sequence[T], MessageRejectedError | None]:
    """Encode the messages in front of the first that raises `ValueError`; return its rejection."""
    encoded: list[T] = []
    for message in batch:
        try:
            encoded.append(encode(message))
        except ValueError as error:
            reason = f"{keeper} cannot store the message: {error}."
            return encoded, MessageRejectedError(reason, confirmed=len(encoded))
    return encoded, None


def decode_json(content: TypeAdapter[T], text: str | bytes) -> T:
    """Decode JSON; the `ValueError` of an invalid text quotes nothing of it."""
    try:
        return content.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None
