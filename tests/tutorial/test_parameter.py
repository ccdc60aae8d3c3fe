from typing import Generic, TypeVar

import pytest

from messagebus import AsyncMessageBus, Event
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork

TItem = TypeVar("TItem")


class Donated(Event, Generic[TItem]):
    item: TItem


async def test_an_event_that_misses_a_handler_by_its_parameter_is_warned_of(
    uow: InMemoryUnitOfWork,
) -> None:
    thanked: list[object] = []

    async def thank(event: Donated[TItem], uow: AbstractUnitOfWork) -> None:
        thanked.append(event.item)

    bus = AsyncMessageBus()
    bus.add_listener(Donated, thank)
    async with uow as transaction:
        with pytest.warns(RuntimeWarning, match=r"Donated\[str\] has no handler, but Donated has"):
            await bus.handle(Donated[str](item="a lamp"), transaction)
        await transaction.rollback()
    assert thanked == []
