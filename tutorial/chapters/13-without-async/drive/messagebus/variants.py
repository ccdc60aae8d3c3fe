"""One flow, two variants: each flow is written once, as a coroutine.

The async variant awaits the flow. The sync variant runs it with a single `send`: over blocking
ports nothing in it can suspend, so it runs to its end without an event loop, inside a
running one as well, and in the caller's own context.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

from messagebus.errors import ConfigurationError

T = TypeVar("T")


def run_sync(flow: Coroutine[Any, Any, T]) -> T:
    """Run a flow over blocking ports to its end and return its result."""
    try:
        flow.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    flow.close()
    raise ConfigurationError(
        f"{flow!r} waited for an event loop in the sync variant; "
        "blocking ports never await: use the Async… variant of the bus and the unit of work."
    )
