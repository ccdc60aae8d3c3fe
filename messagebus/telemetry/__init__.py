"""What operators see of the bus: observers for spans and metrics, and ways to the stream that have
observers.

Opt-in: nothing in `messagebus` imports it. `observe` of a bus and of a unit of work takes the
observers. Spans are in `messagebus.telemetry.opentelemetry`, with the extra `opentelemetry`;
metrics in `messagebus.telemetry.prometheus`, with the extra `prometheus`.
"""

from messagebus.observers.observer import Trail
from messagebus.telemetry.observer import Observer, Publication
from messagebus.telemetry.streams import (
    AsyncObservedStream,
    AsyncObservedTransport,
    SyncObservedTransport,
)

__all__ = [
    "AsyncObservedStream",
    "AsyncObservedTransport",
    "Observer",
    "Publication",
    "SyncObservedTransport",
    "Trail",
]
