"""Runs a whole unit of work again after the database has rolled its transaction back."""

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
    """The limits of the attempts by number and time; a committed attempt is the last."""

    def __init__(
        self, retry_on: tuple[type[Exception], ...], max_attempts: int, max_elapsed: float
    ) -> None:
        self._retry_on = retry_on
        self._max_attempts = max_attempts
        self._end = time.monotonic() + max_elapsed
        self.committed = False

    def is_over(self) -> bool:
        """Whether the first attempt was the last."""
        return self._max_attempts == 1 or self.committed or time.monotonic() >= self._end

    def options(self) -> Mapping[str, Any]:
        """Tenacity's options for the attempts after the first."""
        return {
            "retry": retry_if_exception(self._allow),
            "stop": stop_after_attempt(self._max_attempts - 1)
            | stop_after_delay(self._end - time.monotonic()),
            "wait": _WAIT,
            "reraise": True,
        }

    def _allow(self, error: BaseException) -> bool:
        return isinstance(error, self._retry_on) and not self.committed


async def retry_transaction(
    uow: TAsyncUow,
    work: Callable[[TAsyncUow], Awaitable[T]],
    *,
    retry_on: tuple[type[Exception], ...] = RETRYABLE,
    max_attempts: int = 10,
    max_elapsed: float = 30.0,
) -> T:
    """Enter the unit of work and await `work(transaction)`; again if it raises `retry_on`.

    The work commits or rolls back. Between two attempts there is a pause of random length, from
    10 ms on, at most a second. The work isn't run again after a commit, after `max_attempts`, or
    if an attempt ends after `max_elapsed` seconds; then the error is raised.
    """
    attempts = _Attempts(retry_on, max_attempts, max_elapsed)

    async def attempt() -> T:
        async with uow as transaction:
            try:
                return await work(transaction)
            finally:
                attempts.committed = transaction.status is TransactionStatus.committed

    try:
        return await attempt()
    except retry_on:
        if attempts.is_over():
            raise
    await asyncio.sleep(_pause())
    return await AsyncRetrying(**attempts.options())(attempt)


def retry_sync_transaction(
    uow: TSyncUow,
    work: Callable[[TSyncUow], T],
    *,
    retry_on: tuple[type[Exception], ...] = RETRYABLE,
    max_attempts: int = 10,
    max_elapsed: float = 30.0,
) -> T:
    """Enter the unit of work and call `work(transaction)`, as `retry_transaction` does."""
    attempts = _Attempts(retry_on, max_attempts, max_elapsed)

    def attempt() -> T:
        with uow as transaction:
            try:
                return work(transaction)
            finally:
                attempts.committed = transaction.status is TransactionStatus.committed

    try:
        return attempt()
    except retry_on:
        if attempts.is_over():
            raise
    time.sleep(_pause())
    return Retrying(**attempts.options())(attempt)


def _pause() -> float:
    """Seconds before the second attempt; the first is made without tenacity, which takes 60 µs."""
    return random.uniform(0, 0.02)
