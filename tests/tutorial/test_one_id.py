import json

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus, TransactionError
from reading_club.domain.messages import BookRegistered
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork

EMMA = BookRegistered(id=uuidgen(1), isbn="0-14-143958-7", title="Emma", author="Jane Austen")


async def test_a_copied_event_is_not_taken_for_the_first_one(
    uow: InMemoryUnitOfWork, bus: AsyncMessageBus, transport: EventstreamTransport
) -> None:
    persuasion = EMMA.model_copy(update={"id": uuidgen(2), "title": "Persuasion"})
    with pytest.raises(TransactionError, match="one message_id"):
        async with uow as transaction:
            await bus.handle(EMMA, transaction)
            await bus.handle(persuasion, transaction)
            await transaction.commit()

        first_of_each_id = {event["id"]: event for event in reversed(transport.events)}
        titles = [json.loads(event["payload"])["title"] for event in first_of_each_id.values()]
        assert titles == ["Persuasion", "Emma"]
