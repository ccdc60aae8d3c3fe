from collections.abc import Mapping
from typing import Any

from messagebus import AsyncAbstractEventstreamTransport, AsyncMessageBus
from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.test_broker_down import FlakyBroker, welcome


class Patient(AsyncAbstractEventstreamTransport):
    """Tries three times; the third error is the caller's."""

    def __init__(self, around: AsyncAbstractEventstreamTransport) -> None:
        self._around = around

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        for _ in range(2):
            try:
                return await self._around.send_message_serialized(message)
            except ConnectionError:
                continue
        return await self._around.send_message_serialized(message)


async def test_a_short_absence_of_the_broker_is_no_error(bus: AsyncMessageBus) -> None:
    broker = FlakyBroker()
    async with InMemoryUnitOfWork(Patient(broker)) as transaction:
        for number in (1, 2, 3):
            await bus.handle(welcome(number), transaction)
        await transaction.commit()

    assert len(broker.events) == 3
