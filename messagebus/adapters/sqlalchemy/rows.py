"""Rows that anybody may have edited: SQLite keeps any bytes in a column of text."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.exc import OperationalError

from messagebus.adapters.encoding import ENVELOPE, check_envelope, check_message, decode_json
from messagebus.adapters.sqlalchemy.texts import flaw_of
from messagebus.relay.stream import StreamMessage

_HEADERS = TypeAdapter(dict[str, str])


def fetch(
    connection: sa.Connection, query: sa.Select[Any], parameters: Mapping[str, Any] | None = None
) -> Sequence[sa.Row[Any]]:
    """All rows; bytes that are no UTF-8 become lone surrogates, so that a row can be named."""
    try:
        return connection.execute(query, parameters).all()
    except OperationalError as error:
        # What SQLite itself reports has a code; what its driver cannot decode has none.
        if connection.dialect.name != "sqlite" or hasattr(error.orig, "sqlite_errorcode"):
            raise
    with _surrogates(connection):
        return connection.execute(query, parameters).all()


def stream_row(table: sa.Table, message: StreamMessage) -> dict[str, str]:
    """A message as the stream's row; raise `ValueError` for what one of the databases refuses."""
    check_envelope(message.envelope)
    headers = json.dumps(dict(message.headers), ensure_ascii=False)
    row = {**{name: message.envelope[name] for name in ENVELOPE}, "headers": headers}
    for name, text in row.items():
        if flaw := flaw_of(text, getattr(table.c[name].type, "length", None)):
            raise ValueError(f"its {name} {flaw}")
    return row


def stream_message(row: Sequence[Any]) -> StreamMessage:
    """The message of the stream's row; raise `ValueError` where it is none."""
    _, headers, *envelope = row
    if not isinstance(headers, str):
        raise ValueError("its headers are no text")
    try:
        read = decode_json(_HEADERS, headers)
    except ValueError as error:
        raise ValueError(f"its headers: {error}") from None
    message = StreamMessage(dict(zip(ENVELOPE, envelope, strict=True)), read)
    check_message(message)
    return message


def shown_message(message: StreamMessage) -> StreamMessage:
    """The message as people may read it, whatever bytes stand where text should be."""
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
    """SQLite's clock tells UTC, and SQLAlchemy reads it without saying so."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def age_of(created_at: object) -> float | None:
    """Seconds since then; `None` where it says no time."""
    try:
        since = datetime.fromisoformat(str(created_at)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (datetime.now(UTC) - since).total_seconds())


def _decoded(value: bytes) -> str:
    return value.decode(errors="surrogateescape")


@contextmanager
def _surrogates(connection: sa.Connection) -> Generator[None, None, None]:
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError("the connection is closed")
    driver.text_factory = _decoded
    try:
        yield
    finally:
        driver.text_factory = str
