"""Work that a cancellation doesn't interrupt; the cancellation is raised after the work."""

import asyncio
from collections.abc import Callable, Coroutine
from threading import Lock
from typing import Any, Generic, TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")


class ShieldedTask(asyncio.Task[T]):
    """A task that can't be cancelled, so a cancelled caller waits until it has ended."""

    def cancel(self, msg: Any | None = None) -> bool:
        """Return `False`: the task goes on."""
        return False


async def shielded(flow: Coroutine[Any, Any, T]) -> T:
    """Shield `flow` from cancellation and return its result.

    The next `await` of a cancelled caller raises `CancelledError`.
    """
    task = ShieldedTask(flow)
    try:
        return await task
    except asyncio.CancelledError:
        cancel_again()
        return task.result()


async def call_in_thread(function: Callable[[], T], limiter: CapacityLimiter) -> T:
    """Call a function on one of anyio's worker threads, to its end, and return its result.

    The next `await` of a cancelled caller raises `CancelledError`. If asyncio cancels the awaiting
    task, anyio doesn't wait for the function; a task for each call would, but costs more.
    """
    call = _ThreadCall(function)
    try:
        await to_thread.run_sync(call.begin, limiter=limiter)
    except asyncio.CancelledError:
        cancel_again()
        return await shielded(to_thread.run_sync(call.end, limiter=limiter))
    return call.result


def cancel_again() -> None:
    """Let the next `await` raise the cancellation that was held back."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
        task.cancel()


async def raise_cancellation() -> None:
    """Raise a cancellation that was held back, within the scope of the timeout that caused it.

    Before Python 3.13, a timeout whose scope ends first leaves it to the next `await`.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        await asyncio.sleep(0)


class _ThreadCall(Generic[T]):
    """A function that is called once, by the thread that comes first."""

    result: T

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._called = Lock()
        self._executing = Lock()
        self._error: BaseException | None = None

    def begin(self) -> None:
        """Call the function, unless `end` has called it."""
        with self._executing:
            if self._called.acquire(blocking=False):
                try:
                    self.result = self._function()
                except BaseException as error:
                    self._error = error
                    raise

    def end(self) -> T:
        """Wait for the call that has begun, or call the function."""
        if self._called.acquire(blocking=False):
            return self._function()
        with self._executing:
            if self._error is not None:
                raise self._error
            return self.result
