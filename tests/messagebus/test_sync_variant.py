"""What only the sync variant promises: no loop, no waiting, the caller's own context."""

import asyncio
import contextvars
from collections.abc import Mapping
from typing import Any

import pytest

from messagebus import (
    ConfigurationError,
    Message,
    SyncAbstractEventstoreRepository,
    SyncAbstractEventstreamTransport,
    SyncAbstractUnitOfWork,
    SyncEventstreamPublisher,
    SyncMessageBus,
)
from tests.messagebus.fakes import Register, Registered, Script, SyncStream, SyncUow

language = contextvars.ContextVar("language", default="en")


@pytest.fixture
def uow(script: Script) -> SyncUow:
    return SyncUow(SyncStream(script))


@pytest.fixture
def bus() -> SyncMessageBus:
    return SyncMessageBus()


def register(cmd: Register, uow: SyncUow) -> str:
    uow.books.add(cmd.title, Registered(title=cmd.title))
    language.set("fr")
    return cmd.title


def carry_out(bus: SyncMessageBus, uow: SyncAbstractUnitOfWork) -> str:
    with uow as transaction:
        answer = bus.handle(Register(title="Emma"), transaction)
        transaction.commit()
    return answer


def test_the_sync_bus_works_without_a_loop(
    bus: SyncMessageBus, uow: SyncUow, script: Script
) -> None:
    bus.add_listener(Register, register)
    assert carry_out(bus, uow) == "Emma"
    assert script.calls == ["commit", "send Emma"]


async def test_the_sync_bus_works_inside_a_running_loop(
    bus: SyncMessageBus, uow: SyncUow, script: Script
) -> None:
    bus.add_listener(Register, register)
    assert carry_out(bus, uow) == "Emma"
    assert script.calls == ["commit", "send Emma"]


def test_a_context_variable_set_by_a_handler_stays_set(bus: SyncMessageBus, uow: SyncUow) -> None:
    bus.add_listener(Register, register)

    def within() -> str:
        carry_out(bus, uow)
        return language.get()

    assert contextvars.copy_context().run(within) == "fr"


def test_a_handler_s_stop_iteration_becomes_a_runtime_error(
    bus: SyncMessageBus, uow: SyncUow, script: Script
) -> None:
    def stop(cmd: Register, uow: SyncUow) -> str:
        return next(iter(()))

    bus.add_listener(Register, stop)
    with pytest.raises(RuntimeError, match="StopIteration"):
        carry_out(bus, uow)
    assert script.calls == ["rollback"]


def test_a_handler_that_returns_something_to_await_is_refused(
    bus: SyncMessageBus, uow: SyncUow, script: Script
) -> None:
    def forward(cmd: Register, uow: SyncUow) -> Any:
        return asyncio.sleep(0)

    bus.add_listener(Register, forward)
    with pytest.raises(ConfigurationError, match=rf"{__name__}\..*forward returned something to"):
        carry_out(bus, uow)
    assert script.calls == ["rollback"]


class WaitingStream(SyncAbstractEventstreamTransport):
    def send_message_serialized(self, message: Mapping[str, Any]) -> Any:
        return asyncio.sleep(0)


class WaitingEventstore(SyncAbstractEventstoreRepository):
    def _add(self, message: Message[Any]) -> Any:
        return asyncio.sleep(0)


class WaitingUow(SyncUow):
    waits_on: str = ""

    def commit(self) -> Any:
        return asyncio.sleep(0) if self.waits_on == "commit" else super().commit()

    def rollback(self) -> Any:
        return asyncio.sleep(0) if self.waits_on == "rollback" else super().rollback()


def test_a_commit_that_waits_gets_our_error_and_is_rolled_back(
    bus: SyncMessageBus, script: Script
) -> None:
    uow = WaitingUow(SyncStream(script))
    uow.waits_on = "commit"
    bus.add_listener(Register, register)
    with pytest.raises(ConfigurationError, match=r"WaitingUow\.commit returned something to await"):
        carry_out(bus, uow)
    assert script.calls == ["rollback"]


def test_a_rollback_that_waits_gets_our_error(script: Script) -> None:
    uow = WaitingUow(SyncStream(script))
    uow.waits_on = "rollback"
    with (
        pytest.raises(ConfigurationError, match=r"WaitingUow\.rollback returned something"),
        uow as transaction,
    ):
        transaction.rollback()


def test_a_transport_that_waits_gets_our_error(bus: SyncMessageBus, uow: SyncUow) -> None:
    bus.add_listener(Register, register)
    uow.eventstore.publisher = SyncEventstreamPublisher(WaitingStream())
    with pytest.raises(Exception, match="WaitingStream") as caught:
        carry_out(bus, uow)
    assert isinstance(caught.value.__cause__, ConfigurationError)


def test_a_publisher_whose_transport_waits_gets_our_error() -> None:
    publisher = SyncEventstreamPublisher(WaitingStream())
    with pytest.raises(ConfigurationError, match=r"WaitingStream\.send_message_serialized"):
        publisher.send_message(Registered(title="Emma"))


def test_an_event_store_that_waits_gets_our_error(bus: SyncMessageBus, uow: SyncUow) -> None:
    bus.add_listener(Register, register)
    vars(uow)["eventstore"] = WaitingEventstore()
    with pytest.raises(ConfigurationError, match=r"WaitingEventstore\._add returned something"):
        carry_out(bus, uow)


def test_a_hook_that_waits_gets_our_error(bus: SyncMessageBus, uow: SyncUow) -> None:
    class Mailer:
        def on_after_commit(self) -> Any:
            return asyncio.sleep(0)

    def mail(cmd: Register, uow: SyncUow, mailer: Mailer) -> None: ...

    bus.add_listener(Register, mail)
    with (
        pytest.raises(ConfigurationError, match=r"Mailer\.on_after_commit returned something"),
        uow as transaction,
    ):
        bus.handle(Register(title="Emma"), transaction, mailer=Mailer())
        transaction.commit()
