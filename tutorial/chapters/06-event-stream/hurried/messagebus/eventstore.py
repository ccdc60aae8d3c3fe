"""Event stores: where a transaction's messages wait for the stream."""

from messagebus.eventstream import AsyncEventstreamPublisher
from messagebus.messages import Message


class AsyncSinkholeEventstoreRepository:
    """Keeps nothing; with a publisher it still sends what is published."""

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        self.publisher = publisher

    async def add(self, message: Message) -> None:
        """Send the message if it is published."""
        if self.publisher and message.metadata.published:
            await self.publisher.send_message(message)

    async def publish_eventstream(self) -> None:
        """Nothing is left to send."""
