"""A whole unit of work, run again where the database gave its transaction up."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from messagebus.adapters.sqlalchemy.errors import RetryableTransactionError
from messagebus.transaction import TransactionStatus
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork

T = TypeVar("T")
TAsyncUow = TypeVar("TAsyncUow", bound=AsyncAbstractUnitOfWork[Any])
TSyncUow = TypeVar("TSyncUow", bound=SyncAbstractUnitOfWork[Any])

RETRYABLE = (RetryableTransactionError,)
_WAIT = wait_random_exponential(multiplier=0.01, max=1)


class _Attempts:
    """How many there may be, and until when; none after one that has committed."""

    def __init__(self, on: tuple[type[Exception], ...], attempts: int, longest: float) -> None:
        self._on = on
        self._attempts = attempts
        self._end = time.monotonic() + longest
        self.committed = False

    def over(self) -> bool:
        """Whether the first one was the last."""
        return self._attempts == 1 or self.committed or time.monotonic() >= self._end

    def further(self) -> Mapping[str, Any]:
        """What tenacity is told of those after the first."""
        return {
            "retry": retry_if_exception(self._allow),
            "stop": stop_after_attempt(self._attempts - 1)
            | stop_after_delay(self._end - time.monotonic()),
            "wait": _WAIT,
            "reraise": True,
        }

    def _allow(self, error: BaseException) -> bool:
        return isinstance(error, self._on) and not self.committed


async def retry_transaction(
    uow: TAsyncUow,
    work: Callable[[TAsyncUow], Awaitable[T]],
    *,
    on: tuple[type[Exception], ...] = RETRYABLE,
    attempts: int = 10,
    longest: float = 30.0,
) -> T:
    """Enter the unit of work and await `work(transaction)`, again where it raises one of `on`.

    The work commits or rolls back by itself. Between attempts there is a pause of random length,
    from 10 ms on, at most a second. What fails after the commit is raised and never run again;
    so is the error of the last attempt, and of one that ends later than `longest` seconds.
    """
    tried = _Attempts(on, attempts, longest)

    async def attempt() -> T:
        async with uow as transaction:
            try:
                return await work(transaction)
            finally:
                tried.committed = transaction.status is TransactionStatus.committed

    try:
        return await attempt()
    except on:
        if tried.over():
            raise
    await asyncio.sleep(_pause())
    return await AsyncRetrying(**tried.further())(attempt)


def retry_sync_transaction(
    uow: TSyncUow,
    work: Callable[[TSyncUow], T],
    *,
    on: tuple[type[Exception], ...] = RETRYABLE,
    attempts: int = 10,
    longest: float = 30.0,
) -> T:
    """Enter the unit of work and call `work(transaction)`, as `retry_transaction` does."""
    tried = _Attempts(on, attempts, longest)

    def attempt() -> T:
        with uow as transaction:
            try:
                return work(transaction)
            finally:
                tried.committed = transaction.status is TransactionStatus.committed

    try:
        return attempt()
    except on:
        if tried.over():
            raise
    time.sleep(_pause())
    return Retrying(**tried.further())(attempt)


def _pause() -> float:
    """Before the second attempt; the first is made without tenacity, which takes 60 µs."""
    return random.uniform(0, 0.02)
