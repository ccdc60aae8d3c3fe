"""Metrics: what is counted, under which names, and what waits."""

from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from messagebus import PublicationError
from messagebus.adapters.sqlalchemy import OutboxStatus
from messagebus.telemetry.prometheus import OutboxCollector
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Script, Uow, register
from tests.messagebus.variants import Bus, carry_out
from tests.telemetry.conftest import Variant


@pytest.fixture(autouse=True)
def listening(on: Listen) -> None:
    on(Register)(register)


async def test_what_was_handled_committed_and_published_is_counted(
    variant: Variant, bus: Bus, uow: Uow, registry: CollectorRegistry
) -> None:
    for title in ("Emma", "Persuasion"):
        await carry_out(variant, bus, uow, Register(title=title))
    queries: list[tuple[str, dict[str, str]]] = [
        ("messagebus_handle_seconds_count", {"message": "Register", "outcome": "ok"}),
        (
            "messagebus_handler_seconds_count",
            {
                "message": "Register",
                "handler": "tests.messagebus.fakes.register",
                "outcome": "ok",
            },
        ),
        (
            "messagebus_transaction_end_seconds_count",
            {"unit_of_work": type(uow).__name__, "step": "commit", "outcome": "ok"},
        ),
        ("messagebus_published_total", {"type": "registered_v1"}),
    ]
    assert [registry.get_sample_value(*each) for each in queries] == [2, 2, 2, 2]


async def test_failures_are_counted_apart(
    variant: Variant, bus: Bus, uow: Uow, script: Script, registry: CollectorRegistry
) -> None:
    script.failing["send Emma"] = OSError("the stream is away")
    with pytest.raises(PublicationError):
        await carry_out(variant, bus, uow, Register(title="Emma"))
    unconfirmed = registry.get_sample_value(
        "messagebus_unconfirmed_total", {"type": "registered_v1"}
    )
    assert unconfirmed == 1
    assert "messagebus_published_total{" not in generate_latest(registry).decode()


async def test_no_label_holds_what_somebody_typed(
    variant: Variant, bus: Bus, uow: Any, registry: CollectorRegistry
) -> None:
    await carry_out(variant, bus, uow, Register(title="sesame"))
    assert "sesame" not in generate_latest(registry).decode()


def test_what_waits_is_looked_up_when_somebody_asks() -> None:
    registry = CollectorRegistry()
    found = [OutboxStatus(3, 1.5, 7, 2, 1), OutboxStatus(0, None, 10, 0, 0)]
    registry.register(OutboxCollector(lambda: found.pop(0)))
    shown = generate_latest(registry).decode()
    assert "messagebus_outbox_waiting 3.0" in shown
    assert "messagebus_outbox_oldest_seconds 1.5" in shown
    assert "messagebus_outbox_dead 1.0" in shown
    assert "messagebus_outbox_oldest_seconds 0.0" in generate_latest(registry).decode()


def test_an_outbox_that_cannot_be_asked_leaves_the_other_metrics() -> None:
    def fail() -> OutboxStatus:
        raise TimeoutError

    registry = CollectorRegistry()
    registry.register(OutboxCollector(fail))
    shown = generate_latest(registry).decode()
    assert "messagebus_outbox_readable 0.0" in shown
    assert "messagebus_outbox_waiting" not in shown
