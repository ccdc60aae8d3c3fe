"""Both variants of the bus, so that one test covers both.

A test is written for the async variant: handlers are coroutine functions, and `variant.run` awaits
what the bus returns. The sync variant makes plain functions of the handlers, and returns
what is there already.
"""

import functools
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any

from messagebus import AsyncMessageBus, SyncMessageBus
from tests.messagebus.fakes import (
    AsyncMailer,
    AsyncStream,
    AsyncUow,
    Script,
    SyncMailer,
    SyncStream,
    SyncUow,
)

Handler = Callable[..., Coroutine[Any, Any, Any]]
Bus = AsyncMessageBus | SyncMessageBus


class AsyncVariant:
    def make_bus(self, **dependencies: Callable[[], Any]) -> AsyncMessageBus:
        return AsyncMessageBus(**dependencies)

    def make_stream(self, script: Script) -> AsyncStream:
        return AsyncStream(script)

    def make_uow(self, stream: Any) -> AsyncUow:
        return AsyncUow(stream)

    def make_mailer(self, script: Script, name: str = "mailer") -> AsyncMailer:
        return AsyncMailer(script, name)

    def handler(self, handler: Handler) -> Callable[..., Any]:
        return handler

    def enter(self, uow: Any) -> Any:
        return uow

    async def run(self, value: Any) -> Any:
        return await value


class SyncVariant:
    def make_bus(self, **dependencies: Callable[[], Any]) -> SyncMessageBus:
        return SyncMessageBus(**dependencies)

    def make_stream(self, script: Script) -> SyncStream:
        return SyncStream(script)

    def make_uow(self, stream: Any) -> SyncUow:
        return SyncUow(stream)

    def make_mailer(self, script: Script, name: str = "mailer") -> SyncMailer:
        return SyncMailer(script, name)

    def handler(self, handler: Handler) -> Callable[..., Any]:
        @functools.wraps(handler)
        def blocking(*args: Any, **kwargs: Any) -> Any:
            try:
                handler(*args, **kwargs).send(None)
            except StopIteration as finished:
                return finished.value
            raise AssertionError(f"{handler} waited, and the sync variant has nothing to wait for")

        return blocking

    def enter(self, uow: Any) -> Any:
        return Entered(uow)

    async def run(self, value: Any) -> Any:
        return value


class Entered:
    """`with uow`, to be written as `async with`."""

    def __init__(self, uow: SyncUow) -> None:
        self.uow = uow

    async def __aenter__(self) -> Any:
        return self.uow.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.uow.__exit__(kind, error, traceback)


Variant = AsyncVariant | SyncVariant


async def carry_out(variant: Variant, bus: Bus, uow: Any, *messages: Any) -> Any:
    """Handle the messages in one transaction, commit it, and return the last answer."""
    answer = None
    async with variant.enter(uow) as transaction:
        for message in messages:
            answer = await variant.run(bus.handle(message, transaction))
        await variant.run(transaction.commit())
    return answer
