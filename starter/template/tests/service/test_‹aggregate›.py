"""What is done with ‹words›, over dictionaries."""

import json

import pytest
from lastuuid import uuid7
from pydantic import ValidationError
from result import Ok

from messagebus import AsyncMessageBus
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork
from ‹package›.domain.messages import Register‹Aggregate›, Rename‹Aggregate›
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


async def test_a_renamed_‹aggregate›_has_its_next_version_and_the_stream_hears_both_names(
    bus: AsyncMessageBus, uow: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    command = Register‹Aggregate›(id=uuid7(), name="The first")
    async with uow as transaction:
        await bus.handle(command, transaction)
        await transaction.commit()
    async with uow as transaction:
        renamed = await bus.handle(Rename‹Aggregate›(id=command.id, name="The last"), transaction)
        await transaction.commit()
    async with uow as transaction:
        assert await transaction.‹aggregates›.by_id(command.id) == renamed
        assert (await transaction.‹aggregates›.by_name("The first")).is_err()
        await transaction.rollback()
    assert (renamed.unwrap().name, renamed.unwrap().version) == ("The last", 2)
    assert [event["type"] for event in transport.events] == [
        "‹aggregate›_registered_v1",
        "‹aggregate›_renamed_v1",
    ]
    assert json.loads(transport.events[1]["payload"]) == {
        "id": str(command.id),
        "previous_name": "The first",
        "name": "The last",
    }


async def test_another_version_than_the_expected_one_is_not_renamed(
    bus: AsyncMessageBus, uow: InMemoryUnitOfWork
) -> None:
    id = uuid7()
    async with uow as transaction:
        await bus.handle(Register‹Aggregate›(id=id, name="The first"), transaction)
        renamed = [
            await bus.handle(
                Rename‹Aggregate›(id=id, name=name, expected_version=1), transaction
            )
            for name in ("The second", "The third")
        ]
        await transaction.commit()
    assert renamed[0].is_ok()
    assert renamed[1].unwrap_err() is ‹Aggregate›RepositoryError.stale_version


async def test_only_what_is_there_is_renamed_and_to_a_free_name(
    bus: AsyncMessageBus, uow: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    first, second = uuid7(), uuid7()
    async with uow as transaction:
        await bus.handle(Register‹Aggregate›(id=first, name="The first"), transaction)
        await bus.handle(Register‹Aggregate›(id=second, name="The second"), transaction)
        taken = await bus.handle(Rename‹Aggregate›(id=second, name="The first"), transaction)
        unknown = await bus.handle(Rename‹Aggregate›(id=uuid7(), name="The last"), transaction)
        await transaction.commit()
    assert taken.unwrap_err() is ‹Aggregate›RepositoryError.integrity_error
    assert unknown.unwrap_err() is ‹Aggregate›RepositoryError.not_found
    assert len(transport.events) == 2


@pytest.mark.parametrize("name", ["", "  ", "nul\0"])
def test_a_name_says_something(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Register‹Aggregate›(id=uuid7(), name=name)
