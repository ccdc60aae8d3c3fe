"""What the service does, over dictionaries: `python -m tests.demo`."""

import asyncio
from collections.abc import Mapping
from typing import Any

from lastuuid import uuid7

from messagebus import AsyncAbstractEventstreamTransport, AsyncMessageBus
from tests.memory.uow import InMemoryUnitOfWork
from ‹package›.domain.messages import Register‹Aggregate›


class PrintingTransport(AsyncAbstractEventstreamTransport):
    """Prints what is sent to the event stream."""

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        print(message["type"], message["payload"])


async def main() -> None:
    bus = AsyncMessageBus()
    bus.scan("‹package›.service.handlers")
    async with InMemoryUnitOfWork(PrintingTransport()) as transaction:
        await bus.handle(Register‹Aggregate›(id=uuid7(), name="The first"), transaction)
        await transaction.commit()


if __name__ == "__main__":
    asyncio.run(main())
