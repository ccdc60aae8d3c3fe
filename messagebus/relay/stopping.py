"""A loop that can be stopped: it finishes its batch, and pauses after errors."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator

_log = logging.getLogger(__name__)
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0


class GracefulStop:
    """Ends a loop when its batch is finished, after `grace` seconds at the latest."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._stopped = asyncio.Event()
        self._timeout: asyncio.Timeout | None = None

    @property
    def requested(self) -> bool:
        """Whether the loop has been stopped."""
        return self._stopped.is_set()

    def request(self) -> None:
        """Stop the loop."""
        self._stopped.set()
        if self._timeout is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._grace)

    @contextlib.asynccontextmanager
    async def bounded(self) -> AsyncGenerator[None, None]:
        """Run the loop in this block, which ends without an error when the grace is over."""
        try:
            async with asyncio.timeout(None) as self._timeout:
                yield
        except TimeoutError:
            if not self.requested:
                raise
            _log.warning("stopped within a batch after %g s; the batch comes again", self._grace)
        finally:
            self._timeout = None
            self._stopped.clear()

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until the loop is stopped."""
        await rest(self._stopped, seconds)


async def rest(unless: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until the event."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await unless.wait()


def delay_after(failures: int) -> float:
    """Seconds before the next try after so many failures: growing, at most 5, a part at random."""
    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(failures, 10))
    return delay * random.uniform(0.5, 1)
