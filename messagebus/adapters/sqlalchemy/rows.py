"""Conversions between messages and rows, with checks for texts that a database cannot store.

PostgreSQL rejects a NUL, and UTF-8 has no lone surrogates; SQLite stores any bytes as text.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import le
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from messagebus.adapters.encoding import ENVELOPE, check_envelope, check_message, decode_json
from messagebus.relay.codec import encode
from messagebus.relay.stream import StreamMessage

_HEADERS = TypeAdapter(dict[str, str])


def are_plain(texts: Sequence[Any], lengths: Iterable[int]) -> bool:
    """Whether all texts are ASCII without a NUL and short enough, as those of most messages.

    One check of all texts takes a fifth of the time of `flaw_of` for each.
    """
    try:
        joined = "".join(texts)
    except TypeError:
        return False
    return joined.isascii() and "\0" not in joined and all(map(le, map(len, texts), lengths))


def flaw_of(value: object, length: int | None = None) -> str | None:
    """The reason why a column of text can't store the value; `None` if it can."""
    if not isinstance(value, str):
        return f"is {type(value).__qualname__}, not text"
    if length is not None and len(value) > length:
        return f"has {len(value)} characters, and {length} is the limit"
    if "\0" in value:
        return "contains a NUL character"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            return f"contains a lone surrogate at {error.start}"
    return None


def escaped(text: str) -> str:
    """The text with backslash escapes for characters that a database can't store."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def stream_row(table: sa.Table, message: StreamMessage) -> dict[str, str]:
    """A message as the stream's row; raise `ValueError` if one of the databases can't store it."""
    check_envelope(message.envelope)
    headers = json.dumps(dict(message.headers), ensure_ascii=False)
    row = {**{name: message.envelope[name] for name in ENVELOPE}, "headers": headers}
    for name, text in row.items():
        if flaw := flaw_of(text, getattr(table.c[name].type, "length", None)):
            raise ValueError(f"its {name} {flaw}")
    return row


def stream_message(row: Sequence[Any]) -> StreamMessage:
    """The message of the stream's row; raise `ValueError` if it can't be decoded."""
    _, headers, *envelope = row
    if not isinstance(headers, str):
        raise ValueError("its headers are no text")
    try:
        decoded = decode_json(_HEADERS, headers)
    except ValueError as error:
        raise ValueError(f"its headers: {error}") from None
    message = StreamMessage(dict(zip(ENVELOPE, envelope, strict=True)), decoded)
    check_message(message)
    return message


def row_delivery(row: Sequence[Any]) -> tuple[bytes, Mapping[str, str]]:
    """The body and the headers of the stream's row, as they are delivered.

    A row that is no message becomes a body that no codec decodes, with the row's own bytes.
    """
    try:
        message = stream_message(row)
    except ValueError:
        _, headers, *envelope = row
        content = {"envelope": dict(zip(ENVELOPE, envelope, strict=True)), "headers": headers}
        text = json.dumps(content, ensure_ascii=False, default=_shown)
        return text.encode(errors="surrogateescape"), {}
    return encode(message).body, message.headers


def shown_message(message: StreamMessage) -> StreamMessage:
    """The message for display: bytes that are no text are escaped."""
    envelope, headers = (
        {name: _shown(value) for name, value in part.items()}
        for part in (message.envelope, message.headers)
    )
    return StreamMessage(envelope, headers)


def _shown(text: object) -> str:
    if isinstance(text, bytes):
        return text.decode(errors="backslashreplace")
    return str(text).encode(errors="surrogateescape").decode(errors="backslashreplace")


def aware(time: datetime) -> datetime:
    """The time with its zone: SQLAlchemy reads SQLite's UTC times without one."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def age_of(created_at: object) -> float | None:
    """Seconds since a time in ISO 8601; `None` for an invalid time."""
    try:
        since = datetime.fromisoformat(str(created_at)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (datetime.now(UTC) - since).total_seconds())
