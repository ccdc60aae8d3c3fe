"""The variants of the bus's own tests, with an observed bus, unit of work and transport."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from messagebus import AsyncMessageBus, Message, SyncMessageBus
from messagebus.telemetry import (
    AsyncObservedTransport,
    Observer,
    Publication,
    SyncObservedTransport,
    Trail,
)
from messagebus.telemetry.opentelemetry import OpenTelemetryObserver
from messagebus.telemetry.prometheus import PrometheusObserver
from tests.messagebus import variants
from tests.messagebus.conftest import bus, on, script, stream, uow
from tests.messagebus.fakes import AsyncStream, AsyncUow, SyncStream, SyncUow
from tests.sql.conftest import (
    database,
    each_database,
    each_url,
    file,
    server_database,
    server_folder,
    server_url,
)

__all__ = [
    "bus",
    "database",
    "each_database",
    "each_url",
    "file",
    "on",
    "script",
    "server_database",
    "server_folder",
    "server_url",
    "stream",
    "uow",
]


class Diary(Observer):
    """Writes down what begins and how it ends."""

    def __init__(self, prefix: str = "", lines: list[str] | None = None) -> None:
        self.prefix = prefix
        self.lines: list[str] = [] if lines is None else lines
        self.trails: dict[str, Trail] = {}

    @contextmanager
    def during(self, what: str) -> Generator[None, None, None]:
        what = self.prefix + what
        self.lines.append(f"{what}:")
        try:
            yield
        except Exception as error:
            self.lines.append(f"{what} failed: {error}")
            raise
        self.lines.append(f"{what}.")

    def transaction(self, unit_of_work: str) -> Any:
        return self.during(f"transaction {unit_of_work}")

    def handle(self, message: Message[Any], trail: Trail) -> Any:
        return self.during(f"handle {type(message).__name__}")

    def handler(self, message: Message[Any], trail: Trail, name: str) -> Any:
        self.trails[type(message).__name__] = trail
        return self.during(f"handler {name.rpartition('.')[2]}")

    def commit(self, unit_of_work: str) -> Any:
        return self.during(f"commit {unit_of_work}")

    def rollback(self, unit_of_work: str) -> Any:
        return self.during(f"rollback {unit_of_work}")

    def publication(self, publication: Publication) -> Any:
        types = " ".join(each.envelope["type"] for each in publication.batch)
        return self.during(f"publish {types}")


class AsyncVariant(variants.AsyncVariant):
    def __init__(self, *observers: Observer) -> None:
        self.observers = observers

    def make_bus(self, **dependencies: Callable[[], Any]) -> AsyncMessageBus:
        return super().make_bus(**dependencies).observe(*self.observers)

    def make_uow(self, stream: AsyncStream) -> AsyncUow:
        uow = AsyncUow(stream).observe(*self.observers)
        uow.kept.publisher.transport = AsyncObservedTransport(stream, *self.observers)
        return uow


class SyncVariant(variants.SyncVariant):
    def __init__(self, *observers: Observer) -> None:
        self.observers = observers

    def make_bus(self, **dependencies: Callable[[], Any]) -> SyncMessageBus:
        return super().make_bus(**dependencies).observe(*self.observers)

    def make_uow(self, stream: SyncStream) -> SyncUow:
        uow = SyncUow(stream).observe(*self.observers)
        uow.kept.publisher.transport = SyncObservedTransport(stream, *self.observers)
        return uow


Variant = AsyncVariant | SyncVariant


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(spans: InMemorySpanExporter) -> OpenTelemetryObserver:
    """An observer whose spans are kept in memory."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return OpenTelemetryObserver(provider.get_tracer("test"))


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture(params=[AsyncVariant, SyncVariant], ids=["async", "sync"])
def variant(
    request: pytest.FixtureRequest,
    diary: Diary,
    tracing: OpenTelemetryObserver,
    registry: CollectorRegistry,
) -> Variant:
    """A variant that all observers watch."""
    made: Variant = request.param(diary, tracing, PrometheusObserver(registry))
    return made
