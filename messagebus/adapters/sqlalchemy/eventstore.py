"""The event store over SQL: every message of a transaction is a row, inserted at the commit."""

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
    """The id of the message whose handling raised another, and their correlation id."""

    id: str | None
    correlation_id: str


class Rows:
    """A transaction's messages until they are inserted into the table."""

    def __init__(self, table: EventstoreTable, serializer: AbstractMessageSerializer) -> None:
        self._table = table
        self._serializer = serializer
        self._rows: list[Row] = []
        self._causes: dict[int, Cause] = {}

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        """Note that the handling of `by` raised these messages, and their correlation id."""
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
        """Serialise a message now; raise `TransactionError` if it can't be stored."""
        try:
            envelope = self._serializer.serialize_message(message)
            id_, created_at, type_, payload = _envelope(envelope)
        except Exception as error:
            raise TransactionError(
                f"{type(message).__qualname__} cannot be stored: {error}. The event store keeps "
                "messages as JSON. Give its fields types that JSON can represent."
            ) from error
        stream_key = self._table.stream_key(message)
        kind = "command" if isinstance(message, GenericCommand) else "event"
        cause = self._causes.get(message.message_id.int) or Cause(None, id_)
        correlation_id = correlation_id or cause.correlation_id
        self._table.check_texts(
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
    def insertion(self) -> Work[None] | None:
        """The work that inserts the rows, for the commit; `None` if there are none."""
        return self._insert if self._rows else None

    def clear(self) -> None:
        """Forget the transaction's messages."""
        self._rows = []
        self._causes = {}

    def _insert(self, connection: sa.Connection) -> None:
        self._table.insert(connection, self._rows)


class SqlEventstore:
    """The base of both variants: the messages' rows, and the columns that all of them share.

    An event store doesn't commit: its unit of work passes `insertion` to the session's commit.
    """

    correlation_id: str | None = None
    """The request, for example, to which the messages belong; by default the first one's id."""

    traceparent: str | None = None
    """The span that raised the messages, in W3C Trace Context's format; it is published."""

    tracestate: str | None = None
    """Vendors' data of that span, in W3C Trace Context's format; it is published."""

    actor: str | None = None
    """The user, for example, on whose behalf the transaction runs; it isn't published."""

    _rows: Rows

    @property
    def insertion(self) -> Work[None] | None:
        """The work that inserts the messages, for the commit; `None` if there are none."""
        return self._rows.insertion

    def clear(self) -> None:
        """Forget the transaction's messages, and the columns that they share."""
        self._rows.clear()
        self.correlation_id = self.traceparent = self.tracestate = self.actor = None

    def caused(self, messages: Sequence[Message[Any]], by: Message[Any]) -> None:
        """Note that the handling of `by` raised these messages."""
        self._rows.caused(messages, by)

    def _keep(self, message: Message[Any]) -> None:
        self._rows.add(message, self.correlation_id, self.traceparent, self.tracestate, self.actor)


class AsyncSqlEventstoreRepository(SqlEventstore, AsyncAbstractEventstoreRepository):
    """Stores each message as a row, in order, when its transaction is committed."""

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

    async def _add(self, message: Message[Any]) -> None:
        self._keep(message)

    async def published(
        self, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position in order, each with its own position."""
        return await self._session.run(self._table.load, after, limit)


class SyncSqlEventstoreRepository(SqlEventstore, SyncAbstractEventstoreRepository):
    """Stores each message as a row, in order, when its transaction is committed."""

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

    def _add(self, message: Message[Any]) -> None:
        self._keep(message)

    def published(
        self, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position in order, each with its own position."""
        return self._session.run(self._table.load, after, limit)
