"""A whole unit of work, run again where the database gave its transaction up."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
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
    """Remembers whether the last attempt has committed: then nothing may run it again."""

    def __init__(self, on: tuple[type[Exception], ...]) -> None:
        self._on = on
        self.committed = False

    def allow(self, error: BaseException) -> bool:
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
    tried, began = _Attempts(on), time.monotonic()

    async def attempt() -> T:
        async with uow as transaction:
            try:
                return await work(transaction)
            finally:
                tried.committed = transaction.status is TransactionStatus.committed

    try:
        return await attempt()
    except on:
        left = longest - (time.monotonic() - began)
        if attempts == 1 or tried.committed or left <= 0:
            raise
    await asyncio.sleep(_pause())
    retrying = AsyncRetrying(
        retry=retry_if_exception(tried.allow),
        stop=stop_after_attempt(attempts - 1) | stop_after_delay(left),
        wait=_WAIT,
        reraise=True,
    )
    return await retrying(attempt)


def retry_sync_transaction(
    uow: TSyncUow,
    work: Callable[[TSyncUow], T],
    *,
    on: tuple[type[Exception], ...] = RETRYABLE,
    attempts: int = 10,
    longest: float = 30.0,
) -> T:
    """Enter the unit of work and call `work(transaction)`, as `retry_transaction` does."""
    tried, began = _Attempts(on), time.monotonic()

    def attempt() -> T:
        with uow as transaction:
            try:
                return work(transaction)
            finally:
                tried.committed = transaction.status is TransactionStatus.committed

    try:
        return attempt()
    except on:
        left = longest - (time.monotonic() - began)
        if attempts == 1 or tried.committed or left <= 0:
            raise
    time.sleep(_pause())
    retrying = Retrying(
        retry=retry_if_exception(tried.allow),
        stop=stop_after_attempt(attempts - 1) | stop_after_delay(left),
        wait=_WAIT,
        reraise=True,
    )
    return retrying(attempt)


def _pause() -> float:
    """Before the second attempt; the first is made without tenacity, which takes 60 µs."""
    return random.uniform(0, 0.02)
