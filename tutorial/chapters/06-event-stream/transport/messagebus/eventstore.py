"""Event stores: where a transaction's messages wait for the stream."""

from messagebus.eventstream import AsyncEventstreamPublisher
from messagebus.messages import Message


class AsyncSinkholeEventstoreRepository:
    """Keeps nothing; with a publisher it still sends what is published."""

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        self.publisher = publisher
        self.waiting: list[Message] = []

    async def add(self, message: Message) -> None:
        """Buffer the message for the stream if it is published."""
        if message.metadata.published:
            self.waiting.append(message)

    async def publish_eventstream(self) -> None:
        """Send what is buffered, oldest first."""
        while self.waiting and self.publisher:
            await self.publisher.send_message(self.waiting.pop(0))
