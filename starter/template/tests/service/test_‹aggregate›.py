"""What is done with ‹words›, over dictionaries."""

import json

import pytest
from lastuuid import uuid7
from pydantic import ValidationError
from result import Ok

from messagebus import AsyncMessageBus
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork
from ‹package›.domain.messages import Register‹Aggregate›
from ‹package›.domain.results import ‹Aggregate›RepositoryError


async def test_a_registered_‹aggregate›_is_kept_and_told_to_the_stream(
    bus: AsyncMessageBus, uow: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    command = Register‹Aggregate›(id=uuid7(), name="The first")
    async with uow as transaction:
        assert await bus.handle(command, transaction) == Ok(...)
        await transaction.commit()
    async with uow as transaction:
        found = await transaction.‹aggregates›.by_name("The first")
        await transaction.rollback()
    assert found.unwrap().id == command.id
    (event,) = transport.events
    assert event["type"] == "‹aggregate›_registered_v1"
    assert json.loads(event["payload"]) == {"id": str(command.id), "name": "The first"}


async def test_a_name_is_given_once(
    bus: AsyncMessageBus, uow: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    async with uow as transaction:
        await bus.handle(Register‹Aggregate›(id=uuid7(), name="The first"), transaction)
        again = await bus.handle(Register‹Aggregate›(id=uuid7(), name="The first"), transaction)
        await transaction.commit()
    assert again.unwrap_err() is ‹Aggregate›RepositoryError.integrity_error
    assert len(transport.events) == 1


@pytest.mark.parametrize("name", ["", "  ", "nul\0"])
def test_a_name_says_something(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Register‹Aggregate›(id=uuid7(), name=name)
