"""Event stores: where a transaction's messages are kept, and wait for the stream.

After Percival and Gregory's message bus, with the buffer of the transactional outbox:
a message is serialised when it is added, so that nothing which JSON cannot say is ever
committed, and it leaves the buffer when the transport has taken it.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from messagebus.errors import PublicationError, TransactionError
from messagebus.eventstream import AsyncEventstreamPublisher, SyncEventstreamPublisher
from messagebus.messages import Message
from messagebus.variants import raise_if_awaitable


class Eventstore(ABC):
    """What both variants of an event store share: the buffer in front of the stream."""

    keeps_all: ClassVar[bool] = True
    """Whether unpublished messages matter to it; the sinkhole says no and is not asked."""

    publisher: Any = None
    _pending: list[Mapping[str, Any]] | None = None
    _first: Message | None = None
    _ids: dict[int, Message] | None = None

    def __init__(
        self, publisher: AsyncEventstreamPublisher | SyncEventstreamPublisher | None
    ) -> None:
        self.publisher = publisher

    @cached_property
    def waiting(self) -> deque[Mapping[str, Any]]:
        """Committed envelopes that the stream has not taken yet, oldest first."""
        return deque()

    def begin(self) -> None:
        """Hold back what is buffered from now on, until the transaction is decided."""
        if self._pending is not None:
            raise TransactionError(
                f"{type(self).__qualname__} is in another unit of work's running transaction; "
                "its buffer would publish what that one may roll back: "
                "give each unit of work an event store of its own."
            )
        self._pending, self._first = [], None

    def end(self, committed: bool) -> None:
        """Let what was held back wait for the stream, or drop it."""
        if committed and self._pending:
            self.waiting.extend(self._pending)
        self._pending = self._ids = None

    def buffer(self, message: Message) -> None:
        """Serialise a published message now, to be sent after the commit."""
        if self.publisher is None or not message.metadata.published:
            return
        if self._first is None:
            self._first = message
        else:
            self.raise_if_second(message)
        try:
            envelope = self.publisher.serializer.serialize_message(message)
        except Exception as error:
            raise TransactionError(
                f"{type(message).__qualname__} cannot be serialised: {error}; published messages "
                "are serialised before the commit: give its fields types that JSON can say, "
                "or leave it unpublished."
            ) from error
        (self.waiting if self._pending is None else self._pending).append(envelope)

    def raise_if_second(self, message: Message) -> None:
        """Raise `TransactionError` where another message of the transaction has this one's id."""
        if self._pending is None:
            return
        if self._first is None:
            self._first = message
            return
        if self._ids is None:
            self._ids = {self._first.message_id.int: self._first}
        first = self._ids.setdefault(message.message_id.int, message)
        if first is not message:
            raise TransactionError(
                f"{type(first).__qualname__} and {type(message).__qualname__} have one message_id, "
                f"{message.message_id}; readers take the second for the first again: make it anew, "
                "or give the copy an id of its own."
            )

    def caused(self, messages: Sequence[Message], by: Message) -> None:
        """Note which messages were raised while another one was handled, before they are added.

        For stores that keep causes; the others need not care.
        """
        return

    @abstractmethod
    def add(self, message: Message) -> Any:
        """Keep the message, and buffer it for the stream if it is published."""

    @abstractmethod
    def publish_eventstream(self) -> Any:
        """Send what is buffered, oldest first; raise `PublicationError` where it stops."""

    def _not_taken(self, transport: object, error: Exception) -> PublicationError:
        return PublicationError(
            f"{type(transport).__qualname__} did not take {self.waiting[0].get('type')}: "
            f"{error!r}; its transaction is committed and {len(self.waiting)} message(s) stay "
            "buffered in order: publish again with this event store once the stream is back.",
            waiting=len(self.waiting),
        )


class AsyncAbstractEventstoreRepository(Eventstore):
    """Keeps each message of a transaction; give it a publisher to send the published ones."""

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        super().__init__(publisher)

    @abstractmethod
    async def _add(self, message: Message) -> None:
        """Keep the message, in the transaction that changes the models."""

    async def add(self, message: Message) -> None:
        """Keep the message, and buffer it for the stream if it is published."""
        self.raise_if_second(message)
        await self._add(message)
        self.buffer(message)

    async def publish_eventstream(self) -> None:
        """Send what waits, oldest first; raise `PublicationError` where it stops."""
        while self.waiting and self.publisher:
            try:
                await self.publisher.transport.send_message_serialized(self.waiting[0])
            except Exception as error:
                raise self._not_taken(self.publisher.transport, error) from error
            self.waiting.popleft()


class SyncAbstractEventstoreRepository(Eventstore):
    """Keeps each message of a transaction; give it a publisher to send the published ones."""

    def __init__(self, publisher: SyncEventstreamPublisher | None = None) -> None:
        super().__init__(publisher)

    @abstractmethod
    def _add(self, message: Message) -> None:
        """Keep the message, in the transaction that changes the models."""

    def add(self, message: Message) -> None:
        """Keep the message, and buffer it for the stream if it is published."""
        self.raise_if_second(message)
        raise_if_awaitable(self._add(message), self._add)
        self.buffer(message)

    def publish_eventstream(self) -> None:
        """Send what waits, oldest first; raise `PublicationError` where it stops."""
        while self.waiting and self.publisher:
            send = self.publisher.transport.send_message_serialized
            try:
                raise_if_awaitable(send(self.waiting[0]), send)
            except Exception as error:
                raise self._not_taken(self.publisher.transport, error) from error
            self.waiting.popleft()


class AsyncSinkholeEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps nothing; with a publisher it still sends what is published."""

    keeps_all = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.keeps_all = True

    async def _add(self, message: Message) -> None:
        """Forget the message."""


class SyncSinkholeEventstoreRepository(SyncAbstractEventstoreRepository):
    """Keeps nothing; with a publisher it still sends what is published."""

    keeps_all = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.keeps_all = True

    def _add(self, message: Message) -> None:
        """Forget the message."""
