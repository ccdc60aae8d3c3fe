from collections.abc import Mapping
from typing import Any

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterReviewer
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


class FlakyBroker(EventstreamTransport):
    """Is away for the second message that it is given."""

    sent = 0

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.sent += 1
        if self.sent == 2:
            raise ConnectionError("the broker is away")
        await super().send_message_serialized(message)


def welcome(number: int) -> RegisterReviewer:
    return RegisterReviewer(id=uuidgen(number), name=f"Reader {number}")


async def test_unsent_messages_are_sent_first_next_time(bus: AsyncMessageBus) -> None:
    broker = FlakyBroker()
    uow = InMemoryUnitOfWork(broker)
    async with uow as transaction:
        for number in (1, 2, 3):
            await bus.handle(welcome(number), transaction)
        with pytest.raises(Exception, match="the broker is away") as raised:
            await transaction.commit()

    async with uow as transaction:
        await bus.handle(welcome(4), transaction)
        await transaction.commit()

    told = [event["payload"].rpartition(" ")[2] for event in broker.events]
    assert told == ['1"}', '2"}', '3"}', '4"}']
    assert "FlakyBroker did not take reviewer_registered_v1" in str(raised.value)
