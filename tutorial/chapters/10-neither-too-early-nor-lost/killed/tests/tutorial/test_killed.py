from collections.abc import Mapping
from typing import Any

import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


class PowerCut(EventstreamTransport):
    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        raise SystemExit


async def test_a_killed_process_takes_its_event_along(
    register_book_cmd: RegisterBook, bus: AsyncMessageBus
) -> None:
    broker = PowerCut()
    uow = InMemoryUnitOfWork(broker)
    with pytest.raises(SystemExit):
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            await transaction.commit()
    on_the_shelf = await uow.books.by_id(register_book_cmd.id)
    del uow

    assert on_the_shelf.is_ok()
    assert broker.events == []
