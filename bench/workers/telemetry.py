"""One command and its event on a bus that is watched, or not; what is not used is not imported."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from lastuuid import uuid7

from bench.workers.dispatching import (
    AsyncShelf,
    AsyncWire,
    BookRegistered,
    RegisterBook,
    listen_async,
    register_async,
)
from bench.workers.serving import serve
from bench.workers.without_bus import TEXTS
from messagebus import (
    AsyncEventstreamPublisher,
    AsyncMessageBus,
    AsyncSinkholeEventstoreRepository,
)

if TYPE_CHECKING:
    from messagebus.telemetry import Observer

WATCHERS = ("messagebus.telemetry", "opentelemetry", "prometheus_client")


def work(bus: AsyncMessageBus, *observers: "Observer") -> Callable[[int], float]:
    """The timed work on this bus, on a shelf that the observers watch."""
    bus.add_listener(RegisterBook, register_async)
    bus.add_listener(BookRegistered, listen_async)

    async def dispatch(commands: int) -> float:
        shelf = AsyncShelf().observe(*observers)
        publisher = AsyncEventstreamPublisher(AsyncWire())
        shelf.eventstore = AsyncSinkholeEventstoreRepository(publisher)
        start = perf_counter()
        for _ in range(commands):
            command = RegisterBook(id=uuid7(), **TEXTS)
            async with shelf as transaction:
                await bus.handle(command, transaction)
                await transaction.commit()
        return perf_counter() - start

    return lambda commands: asyncio.run(dispatch(commands))


def absent() -> Callable[[int], float]:
    if any(name in sys.modules for name in WATCHERS):
        raise RuntimeError("the plain bus is measured without what would watch it")
    return work(AsyncMessageBus())


def observed(*observers: "Observer") -> Callable[[int], float]:
    return work(AsyncMessageBus().observe(*observers), *observers)


def api() -> Callable[[int], float]:
    from messagebus.telemetry.opentelemetry import OpenTelemetryObserver

    return observed(OpenTelemetryObserver())


def tracing() -> "Observer":
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import (
        SimpleSpanProcessor,
        SpanExporter,
        SpanExportResult,
    )

    from messagebus.telemetry.opentelemetry import OpenTelemetryObserver

    class Nowhere(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Nowhere()))
    return OpenTelemetryObserver(provider.get_tracer("bench"))


def counting() -> "Observer":
    from messagebus.telemetry.prometheus import PrometheusObserver

    return PrometheusObserver()


WAYS: dict[str, Callable[[], Callable[[int], float]]] = {
    "absent": absent,
    "unused": observed,
    "api": api,
    "spans": lambda: observed(tracing()),
    "metrics": lambda: observed(counting()),
    "both": lambda: observed(tracing(), counting()),
}

if __name__ == "__main__":
    serve({sys.argv[1]: WAYS[sys.argv[1]]()})
