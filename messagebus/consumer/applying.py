"""The two paths of a message to its effect: a batch in one transaction, or alone and counted."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, cast

from messagebus.bus import AsyncMessageBus
from messagebus.consumer.counts import ConsumerCounts
from messagebus.consumer.inbox import (
    AsyncAbstractInbox,
    HeldMessage,
    OvertakenError,
    Taken,
    TUow,
)
from messagebus.consumer.incoming import Incoming, IncomingReader
from messagebus.errors import TransactionError
from messagebus.transaction import OPEN

_log = logging.getLogger(__name__)

_LONGEST_REASON = 2000
Around = Callable[[Mapping[str, str]], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a failing message is tried, and when."""

    maximum: int
    first_delay: float
    max_delay: float
    retry_on: tuple[type[Exception], ...]
    reject_on: tuple[type[Exception], ...]

    def delay(self, made: int) -> float:
        """Seconds before the next attempt, after so many."""
        return min(self.max_delay, self.first_delay * 2.0 ** min(made, 30))

    def is_last(self, made: int, error: Exception) -> bool:
        """Whether no attempt follows one that ended by this error."""
        return made >= self.maximum or isinstance(error, self.reject_on)


class HandlingError(Exception):
    """The handling of one message of a batch failed; `__cause__` is its error."""

    def __init__(self, incoming: Incoming) -> None:
        super().__init__(incoming.id)
        self.incoming = incoming


class Application(Generic[TUow]):
    """Applies messages: their effects, and their rows in the inbox, in one transaction."""

    def __init__(
        self,
        bus: AsyncMessageBus,
        unit_of_work: Callable[[], TUow],
        inbox: AsyncAbstractInbox[TUow],
        reader: IncomingReader,
        attempts: Attempts,
        around: Around,
        counts: ConsumerCounts,
    ) -> None:
        self._bus = bus
        self._unit_of_work = unit_of_work
        self._inbox = inbox
        self._reader = reader
        self._attempts = attempts
        self._around = around
        self._counts = counts
        self._interrupted: list[int] = []

    async def apply(self, batch: Sequence[Incoming]) -> None:
        """Apply a batch in one transaction; a failing message is held, and the rest goes on."""
        for each in batch:
            self._reader.read(each, self._bus.listeners)
        while True:
            try:
                return await self._apply_together(batch)
            except HandlingError as failure:
                self._hold(failure.incoming, failure.__cause__)

    async def hold(self, batch: Sequence[Incoming]) -> None:
        """Hold a batch, so that each message is applied alone, and its attempts are counted."""
        self._count(batch, await self._inbox.hold(batch))

    async def apply_held(self, limit: int) -> int:
        """Make an attempt at each held message whose time has come; return how many."""
        while self._interrupted:
            await self._inbox.return_attempt(self._interrupted[-1])
            self._interrupted.pop()
        due = await self._inbox.due(time.time(), limit)
        for each in due:
            await self._attempt(each)
        return len(due)

    async def _apply_together(self, batch: Sequence[Incoming]) -> None:
        current: list[Incoming] = []
        not_ours: tuple[type[Exception], ...] = (*self._inbox.unavailable, OvertakenError)

        async def work(transaction: TUow) -> Taken:
            current.clear()
            taken = await self._inbox.take(transaction, batch)
            new = set(taken.new)
            for each in batch:
                if each.id in new:
                    new.discard(each.id)
                    current[:] = [each]
                    await self._handle(transaction, each)
                    current.clear()
            self._inbox.release(transaction)
            await transaction.commit()
            return taken

        try:
            taken = await self._inbox.transact(self._unit_of_work(), work, self._attempts.retry_on)
        except not_ours:
            raise
        except Exception as error:
            if current:
                raise HandlingError(current[0]) from error
            # The commit failed, and names no message: each is tried alone.
            _log.warning("a batch of %d could not be committed: %s", len(batch), _kind(error))
            await self.hold(batch)
        else:
            self._count(batch, taken)

    async def _attempt(self, held: HeldMessage) -> None:
        if held.attempts >= self._attempts.maximum:
            # The process has not survived the last one.
            await self._reject(held, held.failure or "no attempt came to an end")
            return
        made = held.attempts + 1
        due_at = time.time() + self._attempts.delay(held.attempts)
        await self._inbox.count_attempt(held.position, due_at)
        self._counts.attempts += 1
        incoming = self._reader.identify(held.body, held.headers)
        self._reader.read(incoming, self._bus.listeners)
        if incoming.rejection is not None:
            await self._reject(held, incoming.rejection)
            return

        async def work(transaction: TUow) -> None:
            await self._inbox.mark_applied(transaction, held.position)
            await self._handle(transaction, incoming)
            self._inbox.release(transaction)
            await transaction.commit()

        try:
            await self._inbox.transact(self._unit_of_work(), work, self._attempts.retry_on)
        except self._inbox.unavailable:
            self._interrupted.append(held.position)
            raise
        except OvertakenError:
            raise
        except Exception as error:
            if self._attempts.is_last(made, error):
                await self._reject(held, _reason(error))
            else:
                _log.warning("attempt %d at message %s: %s", made, incoming.id, _kind(error))
                await self._inbox.fail(held.position, _reason(error))
        else:
            self._count_done(incoming)

    async def _handle(self, transaction: TUow, incoming: Incoming) -> None:
        if incoming.message is None:
            return
        self._inbox.follow(transaction, incoming.headers)
        with self._around(incoming.headers):
            # The overloads tell commands from events, and this is either.
            await cast(Any, self._bus).handle(incoming.message, transaction)
        if transaction.status not in OPEN:
            raise TransactionError(
                f"a handler of {type(incoming.message).__qualname__} has ended the consumer's "
                "transaction. The consumer commits it, with its inbox. Take the commit or the "
                "rollback out of the handler."
            )

    async def _reject(self, held: HeldMessage, reason: str) -> None:
        _log.error("held message %d is a dead letter", held.position)
        await self._inbox.reject(held.position, reason)
        self._counts.dead += 1

    def _hold(self, incoming: Incoming, error: BaseException | None) -> None:
        """Hold a message whose handling failed in a batch: that was its first attempt."""
        _log.warning("message %s is held: %s", incoming.id, _kind(error))
        incoming.held, incoming.attempts = True, 1
        incoming.due_at = time.time() + self._attempts.delay(0)
        incoming.failure = _reason(error)
        if isinstance(error, Exception) and self._attempts.is_last(1, error):
            incoming.rejection = incoming.failure

    def _count(self, batch: Sequence[Incoming], taken: Taken) -> None:
        counts = self._counts
        counts.held += len(taken.held)
        counts.dead += len(taken.dead)
        counts.repeated += len(batch) - sum(map(len, taken))
        for each in {each.id: each for each in batch if each.id in taken.new}.values():
            self._count_done(each)

    def _count_done(self, incoming: Incoming) -> None:
        if incoming.message is None:
            self._counts.ignored += 1
        else:
            self._counts.applied += 1


def _kind(error: BaseException | None) -> str:
    """An error's class alone: its text may quote a payload, which no log should have."""
    return type(error).__qualname__


def _reason(error: BaseException | None) -> str:
    return f"{_kind(error)}: {error}"[:_LONGEST_REASON]
