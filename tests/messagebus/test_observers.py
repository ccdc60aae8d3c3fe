"""An observer that the application registers is called around the steps of both variants."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from messagebus import Message, TransactionStatus
from messagebus.observers import Observer, Trail
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Script, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out


class Counter(Observer):
    """Counts handlers, and commits by their unit of work."""

    def __init__(self) -> None:
        self.counted: list[str] = []

    @contextmanager
    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> Generator[None, None, None]:
        yield
        self.counted.append(name.rpartition(".")[2])

    @contextmanager
    def commit(self, unit_of_work: str) -> Generator[None, None, None]:
        yield
        self.counted.append(unit_of_work)


class Broken(Observer):
    """Fails where a transaction begins."""

    @contextmanager
    def transaction(self, unit_of_work: str) -> Generator[None, None, None]:
        raise RuntimeError("no clock")
        yield


async def test_the_bus_and_the_unit_of_work_are_observed_each_for_itself(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    of_the_bus, of_the_uow = Counter(), Counter()
    assert bus.observe(of_the_bus) is bus
    assert uow.observe(of_the_uow) is uow
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert of_the_bus.counted == ["register"]
    assert of_the_uow.counted == [type(uow).__name__]


async def test_an_observer_that_comes_later_observes_the_next_transaction(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    observer = Counter()
    async with variant.enter(uow) as transaction:
        uow.observe(observer)
        await variant.run(transaction.commit())
    assert observer.counted == []
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert observer.counted == [type(uow).__name__]


async def test_an_observed_commit_that_fails_is_not_counted(
    variant: Variant, uow: Uow, script: Script
) -> None:
    script.failing["commit"] = RuntimeError("the disk is full")
    observer = Counter()
    with pytest.raises(RuntimeError, match="full"):
        async with variant.enter(uow.observe(observer)) as transaction:
            await variant.run(transaction.commit())
    assert observer.counted == []


async def test_a_handler_is_registered_once_on_an_observed_bus(
    variant: Variant, bus: Bus, uow: Uow
) -> None:
    observer = Counter()
    handler = variant.handler(register)
    bus.add_listener(Register, handler)
    bus.observe(observer).add_listener(Register, handler)
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert observer.counted == ["register"]


async def test_a_unit_of_work_whose_observer_fails_at_the_beginning_is_closed(
    variant: Variant, uow: Uow, script: Script
) -> None:
    with pytest.raises(RuntimeError, match="clock"):
        async with variant.enter(uow.observe(Broken())):
            pass
    assert uow.status is TransactionStatus.closed
    assert script.calls == []
    with pytest.raises(RuntimeError, match="clock"):
        async with variant.enter(uow):
            pass
