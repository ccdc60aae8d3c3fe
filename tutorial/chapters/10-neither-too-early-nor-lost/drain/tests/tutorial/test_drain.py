import pytest

from messagebus import AsyncMessageBus, PublicationError
from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.test_broker_down import FlakyBroker, welcome


async def test_waiting_messages_can_be_sent_between_two_transactions(bus: AsyncMessageBus) -> None:
    broker = FlakyBroker()
    uow = InMemoryUnitOfWork(broker)
    async with uow as transaction:
        for number in (1, 2, 3):
            await bus.handle(welcome(number), transaction)
        with pytest.raises(PublicationError) as raised:
            await transaction.commit()
    assert raised.value.waiting == 2

    await uow.eventstore.publish_eventstream()
    assert len(broker.events) == 3
