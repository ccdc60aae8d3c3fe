"""Event stores: where a transaction's messages are kept, and wait for the stream."""

from abc import ABC, abstractmethod
from functools import cached_property

from messagebus.errors import TransactionError
from messagebus.eventstream import AsyncEventstreamPublisher
from messagebus.messages import Message


class AsyncAbstractEventstoreRepository(ABC):
    """Keeps each message of a transaction; give it a publisher to send the published ones."""

    publisher: AsyncEventstreamPublisher | None = None
    _pending: list[Message] | None = None

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        self.publisher = publisher

    @cached_property
    def waiting(self) -> list[Message]:
        """Committed messages that the stream has not taken yet, oldest first."""
        return []

    def begin(self) -> None:
        """Hold back what is buffered from now on, until the transaction is decided."""
        if self._pending is not None:
            raise TransactionError(
                f"{type(self).__qualname__} is in another unit of work's running transaction; "
                "its buffer would publish what that one may roll back: "
                "give each unit of work an event store of its own."
            )
        self._pending = []

    def end(self, committed: bool) -> None:
        """Let what was held back wait for the stream, or drop it."""
        if committed and self._pending:
            self.waiting.extend(self._pending)
        self._pending = None

    @abstractmethod
    async def _add(self, message: Message) -> None:
        """Keep the message, in the transaction that changes the models."""

    async def add(self, message: Message) -> None:
        """Keep the message, and buffer it for the stream if it is published."""
        await self._add(message)
        if message.metadata.published:
            (self.waiting if self._pending is None else self._pending).append(message)

    async def publish_eventstream(self) -> None:
        """Send what is buffered, oldest first."""
        while self.waiting and self.publisher:
            await self.publisher.send_message(self.waiting.pop(0))


class AsyncSinkholeEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps nothing; with a publisher it still sends what is published."""

    async def _add(self, message: Message) -> None:
        """Forget the message."""
