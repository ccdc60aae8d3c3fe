"""The sync variant of the bus, for code that does not await."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_sync(flow: Coroutine[Any, Any, T]) -> T:
    """Run a flow over blocking ports to its end and return its result."""
    return asyncio.run(flow)
