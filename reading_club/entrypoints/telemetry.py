"""Who watches the club: its log, and, where the settings ask for them, spans and metrics."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from structlog.typing import EventDict, WrappedLogger

from messagebus import ConfigurationError
from messagebus.relay import OutboxStatus
from messagebus.telemetry import Observer
from reading_club.bootstrap import ReadingClub
from reading_club.config import Settings
from reading_club.entrypoints import logs

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_TIMEOUT = 5.0
"""Seconds within which the outbox gives its status to a request for metrics."""


class Telemetry:
    """The observers of a club, and the page of its metrics."""

    def __init__(self, settings: Settings, *, log_json: bool = False) -> None:
        """Set up the log, which `log_json` makes JSON whatever the settings say."""
        self._settings = settings
        self._registry: CollectorRegistry | None = None
        also = [add_trace] if settings.traces else []
        logs.configure(json=log_json or settings.log_json, level=settings.log_level, also=also)
        self.observers: Sequence[Observer] = [
            *self._tracing(),
            logs.LogObserver(),
            *self._counting(),
        ]

    @asynccontextmanager
    async def shown(self, club: ReadingClub) -> AsyncGenerator[None, None]:
        """Serve the metrics meanwhile, if the settings name a port."""
        if self._registry is None:
            yield
            return
        from prometheus_client import start_http_server

        from messagebus.telemetry.prometheus import OutboxCollector

        loop, outbox = asyncio.get_running_loop(), club.outbox()

        def look() -> OutboxStatus:
            return asyncio.run_coroutine_threadsafe(outbox.status(), loop).result(_TIMEOUT)

        host, port = self._settings.metrics_host, self._settings.metrics_port or 0
        self._registry.register(OutboxCollector(look))
        try:
            server, thread = start_http_server(port, host, self._registry)
        except OSError as error:
            raise ConfigurationError(
                f"cannot serve metrics at {host}:{port}, which READING_CLUB_METRICS_HOST and "
                f"READING_CLUB_METRICS_PORT name: {error}"
            ) from error
        try:
            yield
        finally:
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            thread.join()

    def _tracing(self) -> Sequence[Observer]:
        if not self._settings.traces:
            return []
        try:
            from messagebus.telemetry.opentelemetry import OpenTelemetryObserver
        except ModuleNotFoundError as error:
            raise _missing("READING_CLUB_TRACES", "opentelemetry") from error
        return [OpenTelemetryObserver()]

    def _counting(self) -> Sequence[Observer]:
        if self._settings.metrics_port is None:
            return []
        try:
            from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector

            from messagebus.telemetry.prometheus import PrometheusObserver
        except ModuleNotFoundError as error:
            raise _missing("READING_CLUB_METRICS_PORT", "prometheus") from error
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        return [PrometheusObserver(self._registry)]


def add_trace(_logger: WrappedLogger, _name: str, entry: EventDict) -> EventDict:
    """Add the ids of the running span to a line."""
    from opentelemetry import trace

    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return entry
    ids = {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}
    return {**entry, **ids}


def _missing(setting: str, extra: str) -> ConfigurationError:
    return ConfigurationError(
        f"{setting} is set, but {extra} is not installed: install messagebus[{extra}]"
    )
