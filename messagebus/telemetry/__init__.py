"""What operators see of the bus: one port for whoever watches, and what makes things be watched.

Opt-in: nothing in `messagebus` imports it, and a bus, unit of work or stream that is not watched is
the plain one. Spans are in `messagebus.telemetry.opentelemetry`, with the extra `opentelemetry`;
metrics in `messagebus.telemetry.prometheus`, with the extra `prometheus`.
"""

from messagebus.telemetry.bus import AsyncObservedMessageBus, SyncObservedMessageBus
from messagebus.telemetry.observer import Observer, Publication, Trail
from messagebus.telemetry.streams import (
    AsyncObservedStream,
    AsyncObservedTransport,
    SyncObservedTransport,
)
from messagebus.telemetry.unit_of_work import observed_unit_of_work

__all__ = [
    "AsyncObservedMessageBus",
    "AsyncObservedStream",
    "AsyncObservedTransport",
    "Observer",
    "Publication",
    "SyncObservedMessageBus",
    "SyncObservedTransport",
    "Trail",
    "observed_unit_of_work",
]
