"""A thread for what blocks: one, so that its work is done in the order in which it was given.

A hop to it and back costs 30 µs; through asyncio's executor, with its second future and
its locks, 57.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from messagebus.errors import TransactionError

T = TypeVar("T")


class _Hop(asyncio.Future[T]):
    """What the loop awaits of the thread; a cancellation waits until the work is done."""

    def cancel(self, msg: Any | None = None) -> bool:
        return False


class WorkerThread:
    """Calls blocking functions, off the event loop, one after the other."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def hop(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Call a function on the thread; await what it returns or raises.

        Who is cancelled meanwhile hears of it when the function has ended. Raises
        `TransactionError` where the thread was closed.
        """
        if self._closed:
            raise TransactionError(
                f"{self._thread.name} is closed, and its database with it: close the database "
                "when nobody uses it any more."
            )
        loop = asyncio.get_running_loop()
        hop = _Hop[T](loop=loop)

        def job() -> None:
            # The loop may be closed by now, and nobody wait any more.
            with contextlib.suppress(RuntimeError):
                try:
                    result = function()
                except BaseException as error:
                    loop.call_soon_threadsafe(hop.set_exception, _raisable(error))
                else:
                    loop.call_soon_threadsafe(hop.set_result, result)

        self._jobs.put(job)
        return hop

    async def finish(self, function: Callable[[], T]) -> T:
        """Like `hop`, for what nobody may leave in doubt: a cancellation comes after it.

        The result is returned all the same, and the next `await` raises `CancelledError`.
        """
        hop = self.hop(function)
        try:
            return await hop
        except asyncio.CancelledError:
            cancel_again()
            return hop.result()

    def close(self) -> None:
        """Wait until the thread has done what it was given, and end it."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _raisable(error: BaseException) -> BaseException:
    """What a future can raise: not `StopIteration`, by which coroutines return."""
    if not isinstance(error, StopIteration):
        return error
    stopped = RuntimeError("the function raised StopIteration: give `next` a default")
    stopped.__cause__ = error
    return stopped


def cancel_again() -> None:
    """Let the next `await` raise the cancellation that was held back."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
        task.cancel()


async def heed_cancellation() -> None:
    """Raise what was held back now, within the scope of the timeout that it may come of.

    Before Python 3.13, a scope that ends first leaves it to whatever is awaited next.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        await asyncio.sleep(0)
