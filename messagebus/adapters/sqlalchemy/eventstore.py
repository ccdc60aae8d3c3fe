"""Event stores over SQL: every message of a transaction is a row, inserted as it commits."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from messagebus.adapters.encoding import ENVELOPE
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, SyncSqlSession, Work
from messagebus.adapters.sqlalchemy.tables import EventstoreTable, Row, slot_of
from messagebus.errors import TransactionError
from messagebus.eventstore import (
    AsyncAbstractEventstoreRepository,
    SyncAbstractEventstoreRepository,
)
from messagebus.eventstream import (
    AbstractMessageSerializer,
    AsyncEventstreamPublisher,
    MessageSerializer,
    SyncEventstreamPublisher,
)
from messagebus.messages import GenericCommand, Message

_envelope = itemgetter(*ENVELOPE)


class Cause(NamedTuple):
    """The message that another one was born of, and what both belong to."""

    id: str | None
    correlation_id: str


class Rows:
    """A transaction's messages on their way into the table."""

    def __init__(self, table: EventstoreTable, serializer: AbstractMessageSerializer) -> None:
        self._table = table
        self._serializer = serializer
        self._rows: list[Row] = []
        self._causes: dict[int, Cause] = {}

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        """Note the message that those were born of, and what it belongs to itself."""
        known, id_ = self._causes.get(by.message_id.int), str(by.message_id)
        cause = Cause(id_, known.correlation_id if known else id_)
        for message in messages:
            self._causes[message.message_id.int] = cause

    def add(
        self,
        message: Message[Any],
        correlation_id: str | None,
        traceparent: str | None = None,
        tracestate: str | None = None,
        actor: str | None = None,
    ) -> None:
        """Serialise a message now; raise `TransactionError` where it cannot be kept."""
        try:
            envelope = self._serializer.serialize_message(message)
            id_, created_at, type_, payload = _envelope(envelope)
        except Exception as error:
            raise TransactionError(
                f"{type(message).__qualname__} cannot be kept: {error}; the event store keeps "
                "messages as JSON: give its fields types that JSON can say."
            ) from error
        stream_key = self._table.stream_key(message)
        kind = "command" if isinstance(message, GenericCommand) else "event"
        cause = self._causes.get(message.message_id.int) or Cause(None, id_)
        correlation_id = correlation_id or cause.correlation_id
        self._table.require_texts(
            message,
            id_,
            created_at,
            type_,
            payload,
            stream_key,
            correlation_id,
            traceparent or "",
            tracestate or "",
            actor or "",
        )
        self._rows.append(
            Row(
                kind,
                message.metadata.published,
                id_,
                created_at,
                type_,
                payload,
                stream_key,
                slot_of(stream_key),
                correlation_id,
                cause.id,
                traceparent,
                tracestate,
                actor,
            )
        )

    @property
    def last_work(self) -> Work[None] | None:
        """What inserts them before the commit; `None` where there are none."""
        return self._insert if self._rows else None

    def forget(self) -> None:
        """Start anew, for the next transaction."""
        self._rows = []
        self._causes = {}

    def _insert(self, connection: sa.Connection) -> None:
        self._table.insert(connection, self._rows)


class AsyncSqlEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps every message as a row, in order, from the commit of its transaction on."""

    correlation_id: str | None = None
    """What a transaction's messages belong to, such as a request's id; else the first one's id."""

    traceparent: str | None = None
    """The span that the messages came of, as W3C Trace Context writes it; it travels with them."""

    tracestate: str | None = None
    """What vendors say of that span, as W3C Trace Context writes it; it travels with them."""

    actor: str | None = None
    """Who asked for the transaction's messages, such as a user's name; it stays in the table."""

    def __init__(
        self,
        session: AsyncSqlSession,
        table: EventstoreTable,
        publisher: AsyncEventstreamPublisher | None = None,
    ) -> None:
        super().__init__(publisher)
        self._session = session
        self._table = table
        self._rows = Rows(table, publisher.serializer if publisher else MessageSerializer())

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        """Keep of each message which one it was born of."""
        self._rows.caused(messages, by)

    async def _add(self, message: Message[Any]) -> None:
        self._rows.add(message, self.correlation_id, self.traceparent, self.tracestate, self.actor)

    async def published(
        self, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The envelopes behind a position, each with its own, in order of position."""
        return await self._session.run(self._table.load, after, limit)

    async def commit(self) -> None:
        """Insert the transaction's messages and commit them with the models."""
        await self._session.commit(self._rows.last_work)
        self._forget()

    async def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        self._forget()
        await self._session.rollback()

    def _forget(self) -> None:
        self._rows.forget()
        self.correlation_id = self.traceparent = self.tracestate = self.actor = None


class SyncSqlEventstoreRepository(SyncAbstractEventstoreRepository):
    """Keeps every message as a row, in order, from the commit of its transaction on."""

    correlation_id: str | None = None
    """What a transaction's messages belong to, such as a request's id; else the first one's id."""

    traceparent: str | None = None
    """The span that the messages came of, as W3C Trace Context writes it; it travels with them."""

    tracestate: str | None = None
    """What vendors say of that span, as W3C Trace Context writes it; it travels with them."""

    actor: str | None = None
    """Who asked for the transaction's messages, such as a user's name; it stays in the table."""

    def __init__(
        self,
        session: SyncSqlSession,
        table: EventstoreTable,
        publisher: SyncEventstreamPublisher | None = None,
    ) -> None:
        super().__init__(publisher)
        self._session = session
        self._table = table
        self._rows = Rows(table, publisher.serializer if publisher else MessageSerializer())

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        """Keep of each message which one it was born of."""
        self._rows.caused(messages, by)

    def _add(self, message: Message[Any]) -> None:
        self._rows.add(message, self.correlation_id, self.traceparent, self.tracestate, self.actor)

    def published(
        self, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The envelopes behind a position, each with its own, in order of position."""
        return self._session.run(self._table.load, after, limit)

    def commit(self) -> None:
        """Insert the transaction's messages and commit them with the models."""
        self._session.commit(self._rows.last_work)
        self._forget()

    def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        self._forget()
        self._session.rollback()

    def _forget(self) -> None:
        self._rows.forget()
        self.correlation_id = self.traceparent = self.tracestate = self.actor = None
