"""Event stores: where a transaction's messages are kept, and wait for the stream."""

from abc import ABC, abstractmethod

from messagebus.eventstream import AsyncEventstreamPublisher
from messagebus.messages import Message


class AsyncAbstractEventstoreRepository(ABC):
    """Keeps each message of a transaction; give it a publisher to send the published ones."""

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        self.publisher = publisher
        self.waiting: list[Message] = []

    @abstractmethod
    async def _add(self, message: Message) -> None:
        """Keep the message, in the transaction that changes the models."""

    async def add(self, message: Message) -> None:
        """Keep the message, and buffer it for the stream if it is published."""
        await self._add(message)
        if message.metadata.published:
            self.waiting.append(message)

    async def publish_eventstream(self) -> None:
        """Send what is buffered, oldest first."""
        while self.waiting and self.publisher:
            await self.publisher.send_message(self.waiting.pop(0))


class AsyncSinkholeEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps nothing; with a publisher it still sends what is published."""

    async def _add(self, message: Message) -> None:
        """Forget the message."""
