"""One loop, two doors: each flow is written once, as a coroutine, and opened from two sides.

The async door awaits the flow. The sync door drives it with a single `send`: over blocking
ports nothing in it can suspend, so it runs to its end without an event loop, inside a
running one as well, and in the caller's own context.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

from messagebus.errors import ConfigurationError

T = TypeVar("T")


def drive(flow: Coroutine[Any, Any, T]) -> T:
    """Run a flow over blocking ports to its end and return its result."""
    try:
        flow.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    flow.close()
    raise ConfigurationError(
        f"{flow!r} waited for an event loop behind the sync door; "
        "blocking ports never await: use the Async… twin of the bus and the unit of work."
    )
