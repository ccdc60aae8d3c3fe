"""An event store in memory."""

from messagebus import AsyncAbstractEventstoreRepository, AsyncEventstreamPublisher, Message


class InMemoryEventstore(AsyncAbstractEventstoreRepository):
    """Keeps every message in a list, in the order in which they were handled."""

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        super().__init__(publisher)
        self.messages: list[Message] = []

    async def _add(self, message: Message) -> None:
        self.messages.append(message)
