"""How long a test waits for what must come: as long as a slow machine needs."""

import os
import time
from collections.abc import Callable

TIMEOUT = float(os.environ.get("TEST_TIMEOUT", "60"))
"""Seconds after which a test gives up: TEST_TIMEOUT in the environment, or a minute."""


def wait_until(condition: Callable[[], bool], every: float = 0.01) -> None:
    """Ask again and again until the condition holds; fail after TIMEOUT."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"it did not come true within {TIMEOUT:g} s"
        time.sleep(every)
