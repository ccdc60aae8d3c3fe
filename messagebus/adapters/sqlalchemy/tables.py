"""The event store as a table: the journal of all messages, and the outbox of the published ones.

Each message is a row, written in the transaction that changes the models. A published row waits
for the stream while its `sent_at` is null. After the transactional outbox (Richardson,
"Microservices Patterns", chapter 3).
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

import sqlalchemy as sa

from messagebus.adapters.encoding import ENVELOPE, check_message
from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.rows import are_plain, flaw_of
from messagebus.errors import TransactionError
from messagebus.messages import Message
from messagebus.relay.outbox import SLOTS
from messagebus.relay.stream import StreamMessage, UndecodableMessageError

_TEXTS = (*ENVELOPE, "stream_key", "correlation_id", "traceparent", "tracestate", "actor")


class Row(NamedTuple):
    """The columns that are inserted for a message."""

    kind: str
    published: bool
    id: str
    created_at: str
    type: str
    payload: str
    stream_key: str
    slot: int
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    tracestate: str | None
    actor: str | None


def slot_of(stream_key: str) -> int:
    """The slot of a stream key, by which relays share an outbox: its CRC-32 modulo 256."""
    return crc32(stream_key.encode()) % SLOTS


def one_stream(message: Message[Any]) -> str:
    """The same stream key for each message, which keeps all messages in one order."""
    return ""


class EventstoreTable:
    """The table of messages in the application's own metadata, so that its migrations see it.

    `stream_key` returns the key whose messages must reach the stream in order, most often an
    aggregate's id. Without it, all messages keep one order.
    """

    def __init__(
        self,
        metadata: sa.MetaData,
        name: str = "eventstore",
        stream_key: Callable[[Message[Any]], str] = one_stream,
    ) -> None:
        self.stream_key = stream_key
        position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("position", position, primary_key=True),
            sa.Column("kind", sa.String(7), nullable=False),
            sa.Column("published", sa.Boolean, nullable=False),
            sa.Column("id", sa.String(36), nullable=False),
            sa.Column("created_at", sa.String(32), nullable=False),
            sa.Column("type", sa.String(255), nullable=False),
            sa.Column("payload", sa.Text, nullable=False),
            sa.Column("stream_key", sa.String(255), nullable=False, server_default=""),
            sa.Column("slot", sa.SmallInteger, nullable=False, server_default="0"),
            sa.Column("correlation_id", sa.String(255)),
            sa.Column("causation_id", sa.String(36)),
            sa.Column("traceparent", sa.String(55)),
            sa.Column("sent_at", sa.DateTime(timezone=True)),
            sa.Column("refused_at", sa.DateTime(timezone=True)),
            sa.Column("refusal", sa.Text),
            sa.Column("tracestate", sa.String(512)),
            sa.Column("actor", sa.String(255)),
            sqlite_autoincrement=True,
        )
        columns = self.table.c
        waits = sa.and_(columns.published.is_(True), columns.sent_at.is_(None))
        self.waits = waits
        sa.Index(f"ix_{name}_waiting", columns.position, postgresql_where=waits, sqlite_where=waits)
        refused = columns.refused_at.is_not(None)
        sa.Index(
            f"ix_{name}_refused",
            columns.stream_key,
            postgresql_where=refused,
            sqlite_where=refused,
        )
        sent = columns.sent_at.is_not(None)
        sa.Index(f"ix_{name}_sent", columns.sent_at, postgresql_where=sent, sqlite_where=sent)
        self._published = (
            sa.select(columns.position, *(columns[key] for key in ENVELOPE))
            .where(columns.published.is_(True), columns.position > sa.bindparam("after"))
            .order_by(columns.position)
            .limit(sa.bindparam("limit"))
        )
        self._compiled = lru_cache(maxsize=256)(self._compile)
        lengths = [getattr(columns[name].type, "length", None) for name in _TEXTS]
        self._lengths = [sys.maxsize if length is None else length for length in lengths]

    def check_texts(self, message: Message[Any], *texts: object) -> None:
        """Raise `TransactionError` for a text that one of the databases can't store in its column.

        `texts` are the message's envelope, `stream_key`, `correlation_id`, `traceparent`,
        `tracestate` and `actor`.
        """
        if are_plain(texts, self._lengths):
            return
        for name, text, length in zip(_TEXTS, texts, self._lengths, strict=True):
            if flaw := flaw_of(text, length):
                raise TransactionError(
                    f"{type(message).__qualname__} cannot be stored: its {name} {flaw}. At least "
                    f"one database cannot store that. Change the code that makes the {name}."
                )

    def insert(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Insert the rows by SQL that is compiled once for each dialect and schema translation.

        It saves a fifth of L over `execute`.
        """
        schemas = connection.get_execution_options().get("schema_translate_map")
        text, positional = self._compiled(
            connection.dialect, frozenset(schemas.items()) if schemas else None
        )
        if positional:
            connection.exec_driver_sql(text, list[tuple[Any, ...]](rows))
        else:
            connection.exec_driver_sql(text, [row._asdict() for row in rows])

    def load(
        self, connection: sa.Connection, after: int, limit: int
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position in order, each with its own position.

        Raises `UndecodableMessageError` if the next row is no text; behind it reading goes on.
        """
        found: list[tuple[int, Mapping[str, Any]]] = []
        parameters = {"after": after, "limit": limit}
        for row in backend_of(connection).fetch(connection, self._published, parameters):
            position: int = row[0]
            envelope: dict[str, Any] = dict(zip(ENVELOPE, row[1:], strict=True))
            try:
                check_message(StreamMessage(envelope, {}))
            except ValueError as error:
                if found:
                    break
                raise UndecodableMessageError(
                    f"the table {self.table.fullname}, position {position}: the row is no message: "
                    f"{error}. Mend the row by SQL.",
                    self.table.fullname,
                    position,
                ) from error
            found.append((position, envelope))
        return found

    def before_last(self, number: int, connection: sa.Connection) -> int:
        """The position in front of the last `number` published envelopes; 0 if there are fewer."""
        position = self.table.c.position
        published = sa.select(position).where(self.table.c.published.is_(True))
        query = published.order_by(position.desc()).offset(number).limit(1)
        return connection.scalar(query) or 0

    def _compile(
        self, dialect: sa.Dialect, schemas: frozenset[tuple[str | None, str | None]] | None
    ) -> tuple[str, bool]:
        compiled = (
            self.table.insert()
            .inline()
            .compile(
                dialect=dialect,
                column_keys=list(Row._fields),
                schema_translate_map=dict(schemas) if schemas else None,
                render_schema_translate=schemas is not None,
            )
        )
        return str(compiled), bool(dialect.positional)


class StreamTable:
    """The stream's tables in the application's own metadata, so that its migrations see them."""

    def __init__(self, metadata: sa.MetaData, name: str = "stream") -> None:
        position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("position", position, primary_key=True),
            sa.Column("id", sa.String(36), nullable=False, unique=True),
            sa.Column("created_at", sa.String(32), nullable=False),
            sa.Column("type", sa.String(255), nullable=False),
            sa.Column("payload", sa.Text, nullable=False),
            sa.Column("headers", sa.Text, nullable=False),
            sa.Column(
                "published_at",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.func.now(),
            ),
            sqlite_autoincrement=True,
        )
        self.consumers = sa.Table(
            f"{name}_consumers",
            metadata,
            sa.Column("consumer", sa.String(255), primary_key=True),
            sa.Column("position", position, nullable=False),
        )
