"""Event stores over SQL: every message of a transaction is a row, inserted at the commit."""

from typing import Any

from messagebus.adapters.sqlalchemy.session import AsyncSqlSession
from messagebus.adapters.sqlalchemy.tables import EventstoreTable, Row
from messagebus.eventstore import AsyncAbstractEventstoreRepository
from messagebus.eventstream import AsyncEventstreamPublisher, MessageSerializer
from messagebus.messages import GenericCommand, Message


class AsyncSqlEventstoreRepository(AsyncAbstractEventstoreRepository):
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
        self._serializer = publisher.serializer if publisher else MessageSerializer()
        self._rows: list[Row] = []

    async def _add(self, message: Message) -> None:
        kind = "command" if isinstance(message, GenericCommand) else "event"
        row: dict[str, Any] = dict(self._serializer.serialize_message(message))
        row |= {"kind": kind, "published": message.metadata.published}
        self._rows.append(row | {"stream_key": self._table.stream_key(message)})

    async def commit(self) -> None:
        """Insert the transaction's messages and commit them with the models."""
        if self._rows:
            await self._session.run(self._table.insert, self._rows)
        await self._session.commit()
        self._rows = []

    async def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        self._rows = []
        await self._session.rollback()
