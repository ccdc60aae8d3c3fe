"""The transaction: what `async with` hands out, and what keeps the bus's promises.

    running ──commit──▶ committed ──end of the block──▶ closed
       │ └───rollback─▶ rolledback ─end of the block──▶ closed
       └────detach────▶ streaming ──commit─▶ committed ─close─▶ closed

Once decided, what is left to do (publication and hooks, or the unit of work's rollback and
hooks) stands in a list of steps that run one by one: a step that fails does not keep the
others from running, and what a cancellation interrupts is repeated when the block is left.
"""

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, ClassVar

from messagebus.collector import Collector
from messagebus.completion import Completion
from messagebus.dependencies import Dependencies
from messagebus.errors import TransactionError
from messagebus.messages import Message
from messagebus.observers.observer import around, watches
from messagebus.observers.work import ObservedWork
from messagebus.repository import Repository
from messagebus.variants import raise_if_awaitable, run_sync


class TransactionStatus(Enum):
    """Where a transaction stands."""

    running = "running"
    committed = "committed"
    rolledback = "rolledback"
    streaming = "streaming"
    closed = "closed"


RUNNING, COMMITTED, ROLLEDBACK, STREAMING, CLOSED = TransactionStatus
OPEN = (RUNNING, STREAMING)


class Transaction:
    """One pass through a unit of work: its attributes, its methods, and the bus's promises.

    What it keeps for the bus is called `tx_…`, so that it hides no name of an application.
    """

    __slots__ = (
        "__dict__",
        "status",
        "tx_block_ended",
        "tx_collector",
        "tx_completion",
        "tx_dependencies",
        "tx_dropped",
        "tx_store",
        "tx_uow",
        "tx_work",
    )
    tx_awaits: ClassVar[bool]
    status: TransactionStatus

    def __init__(self, uow: Any) -> None:
        if uow.current_transaction is not None:
            raise TransactionError(
                f"{type(uow).__qualname__} is already in a transaction "
                f"({uow.current_transaction.status.value}); a unit of work runs one at a time: "
                "end that one and its block first, or make another unit of work."
            )
        self.tx_uow = self.tx_work = uow
        self.tx_collector = Collector(uow)
        self.tx_store = uow.eventstore
        try:
            self.tx_store.begin()
        except TransactionError:
            self.tx_collector.end()
            raise
        self.tx_completion: Completion | None = None
        self.tx_dependencies: Dependencies | None = None
        self.tx_dropped: Sequence[Message] = ()
        self.tx_block_ended = False
        self.status = RUNNING
        uow.current_transaction = self
        self.__dict__ = vars(uow)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.tx_uow, name)
        if isinstance(value, Repository) and self.status is not CLOSED:
            self.tx_collector.adopt(value)
        return value

    def detach(self) -> None:
        """Let the block end with the transaction open."""
        self.tx_require_open("detach")
        if self.status is STREAMING:
            raise TransactionError(
                f"{type(self.tx_uow).__qualname__}: detach on a transaction that is detached; "
                "once is enough: end it with close."
            )
        self.status = STREAMING

    def tx_require_open(self, step: str) -> None:
        """Raise `TransactionError` unless the transaction can still be decided."""
        if self.status not in OPEN:
            raise TransactionError(
                f"{type(self.tx_uow).__qualname__}: {step} on a transaction that is "
                f"{self.status.value}; a transaction is decided once, and over then: "
                "enter the unit of work again for more."
            )

    def tx_drop(self, messages: Sequence[Message]) -> None:
        """Remember messages that no handler will take, to warn of them after a commit."""
        self.tx_dropped = (*self.tx_dropped, *messages)

    async def tx_rollback(self) -> None:
        """Roll the unit of work back, then run the after-rollback hooks."""
        self.tx_require_open("rollback")
        completion = self.tx_discard()
        await completion.run(self.tx_awaits)
        completion.raise_errors("at the rollback")

    async def tx_close(self) -> None:
        """End a detached transaction, rolled back unless it was committed."""
        completion = self.tx_discard() if self.status in OPEN else self.tx_completion
        try:
            if completion is not None:
                await completion.run(self.tx_awaits)
        finally:
            self.tx_end()
        if completion is not None:
            completion.raise_errors("at the close")

    def tx_leave_at_once(self, error: BaseException | None) -> bool:
        """Leave the block where nothing is left to do; say whether it was so."""
        completion = self.tx_completion
        if error is not None or completion is None or completion.steps:
            return False
        self.tx_block_ended = True
        self.tx_end()
        if self.tx_dropped:
            self.tx_warn_of_dropped()
        return True

    async def tx_leave(self, error: BaseException | None) -> None:
        """Leave the block: close what was decided, roll back what was not."""
        self.tx_block_ended = True
        if error is None and self.status is STREAMING:
            return
        undecided = self.status in OPEN
        completion = self.tx_discard() if undecided else self.tx_completion
        try:
            if completion is not None:
                await completion.run(self.tx_awaits)
        finally:
            self.tx_end()
        if undecided and error is None:
            error = TransactionError(
                f"{type(self.tx_uow).__qualname__}: the block was left without commit or "
                "rollback and was rolled back; say which: call one of them before its end."
            )
            if completion is not None:
                completion.note_errors(error)
            raise error
        if completion is None:
            return
        if error is not None:
            completion.note_errors(error)
        completion.raise_errors("at the end of the block")
        if self.tx_dropped:
            self.tx_warn_of_dropped()

    def tx_committed(self) -> Completion:
        """The commit has gone through: let the stream have what was held back."""
        self.status = COMMITTED
        self.tx_store.end(committed=True)
        return self.tx_plan(self.tx_store.publish_eventstream, "on_after_commit")

    def tx_plan(self, first: Callable[[], Any], hooks: str) -> Completion:
        """Write down what is left to do: a first step, and the hooks of that name."""
        further = self.tx_dependencies.hooks(hooks) if self.tx_dependencies else ()
        self.tx_completion = completion = Completion([first, *further])
        return completion

    def tx_discard(self) -> Completion:
        """Roll back: drop what was raised, and plan the rollback."""
        self.status = ROLLEDBACK
        self.tx_store.end(committed=False)
        self.tx_collector.collect()
        return self.tx_plan(self.tx_work.rollback, "on_after_rollback")

    def tx_end(self) -> None:
        """Let the unit of work go, unless another transaction has it already."""
        if self.tx_uow.current_transaction is not self:
            return
        left = self.tx_collector.end()
        if self.status is COMMITTED:
            if left:
                self.tx_drop(left)
        elif self.status is ROLLEDBACK:
            self.tx_dropped = ()
        self.status = CLOSED
        if self.tx_block_ended:
            self.tx_uow.current_transaction = None

    def tx_warn_of_dropped(self) -> None:
        """Name the messages that were committed past their handlers."""
        names = ", ".join(sorted({type(message).__qualname__ for message in self.tx_dropped}))
        warnings.warn(
            f"{len(self.tx_dropped)} message(s) were dropped that no `handle` took to the end of "
            f"their handlers: {names}; send the command through the bus to handle them.",
            RuntimeWarning,
            stacklevel=4,
        )


class AsyncTransaction(Transaction):
    """The transaction behind `async with`."""

    __slots__ = ()
    tx_awaits = True

    async def commit(self) -> None:
        """Commit the unit of work, publish, then run the after-commit hooks."""
        if self.status not in OPEN:
            self.tx_require_open("commit")
        committing = self.tx_work.commit()
        if committing is not None:
            await committing
        completion = self.tx_committed()
        await completion.run(awaits=True)
        if completion.errors:
            completion.raise_errors("after the commit")

    rollback = Transaction.tx_rollback
    close = Transaction.tx_close


class SyncTransaction(Transaction):
    """The transaction behind `with`."""

    __slots__ = ()
    tx_awaits = False

    def commit(self) -> None:
        """Commit the unit of work, publish, then run the after-commit hooks."""
        if self.status not in OPEN:
            self.tx_require_open("commit")
        committing = self.tx_work.commit()
        if committing is not None:
            raise_if_awaitable(committing, self.tx_work.commit)
        completion = self.tx_committed()
        completion.run_at_once()
        if completion.errors:
            completion.raise_errors("after the commit")

    def rollback(self) -> None:
        """Roll the unit of work back, then run the after-rollback hooks."""
        run_sync(self.tx_rollback())

    def close(self) -> None:
        """End a detached transaction, rolled back unless it was committed."""
        run_sync(self.tx_close())


class _Observed(Transaction):
    """A transaction whose beginning and end, commit and rollback observers watch."""

    __slots__ = ("tx_watching",)

    def __init__(self, uow: Any) -> None:
        super().__init__(uow)
        self.tx_work = ObservedWork(uow, self.tx_awaits)
        self.tx_watching: AbstractContextManager[object] | None = None
        watching = around(watches(uow.tx_observers, "transaction"), type(uow).__qualname__)
        try:
            watching.__enter__()
        except BaseException:
            self.tx_discard()
            self.tx_block_ended = True
            self.tx_end()
            raise
        self.tx_watching = watching

    def tx_end(self) -> None:
        """Let the unit of work go, and the observers of the transaction."""
        super().tx_end()
        if self.tx_watching is not None and self.tx_uow.current_transaction is not self:
            watching, self.tx_watching = self.tx_watching, None
            watching.__exit__(None, None, None)


class AsyncObservedTransaction(_Observed, AsyncTransaction):
    """The transaction behind `async with` of an observed unit of work."""

    __slots__ = ()


class SyncObservedTransaction(_Observed, SyncTransaction):
    """The transaction behind `with` of an observed unit of work."""

    __slots__ = ()
