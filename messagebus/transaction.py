"""The transaction: what `async with` hands out, and what keeps the bus's promises.

    running ──commit──▶ committed ──end of the block──▶ closed
       │ └───rollback─▶ rolledback ─end of the block──▶ closed
       └────detach────▶ streaming ──commit─▶ committed ─close─▶ closed

Once decided, what is left to do (publication and hooks, or the unit of work's rollback and
hooks) stands in a list of steps that is worked off one by one: a step that fails does not
keep the others from running, and what a cancellation interrupts is made up when the block
is left.
"""

import warnings
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, ClassVar, Protocol

from messagebus.doors import drive, settle
from messagebus.errors import TransactionError
from messagebus.eventstore import Eventstore
from messagebus.messages import Message
from messagebus.ports import Repository


class TransactionStatus(Enum):
    """Where a transaction stands."""

    running = "running"
    committed = "committed"
    rolledback = "rolledback"
    streaming = "streaming"
    closed = "closed"


RUNNING, COMMITTED, ROLLEDBACK, STREAMING, CLOSED = TransactionStatus
OPEN = (RUNNING, STREAMING)


class UnitOfWork(Protocol):
    """What a transaction needs of the unit of work that it belongs to."""

    current_transaction: "Transaction | None"

    @property
    def eventstore(self) -> Eventstore: ...
    @property
    def commit(self) -> Callable[[], Any]: ...
    @property
    def rollback(self) -> Callable[[], Any]: ...


class Transaction:
    """One pass through a unit of work; each name that it lacks is the unit of work's."""

    __slots__ = (
        "__dict__",
        "_attending",
        "_dropped",
        "_errors",
        "_made",
        "_steps",
        "_uow",
        "status",
        "store",
    )
    awaits: ClassVar[bool]

    def __init__(self, uow: UnitOfWork) -> None:
        if uow.current_transaction is not None:
            raise TransactionError(
                f"{type(uow).__qualname__} is already in a transaction "
                f"({uow.current_transaction.status.value}); a unit of work runs one at a time: "
                "end that one first, or make another unit of work."
            )
        self._uow = uow
        self.store = uow.eventstore
        self.store.begin()
        uow.current_transaction = self
        self._made: dict[object, object] = {}
        self._attending: list[object] = []
        self._dropped: list[Message[Any]] = []
        self._steps: list[Callable[[], Any]] = []
        self._errors: list[Exception] = []
        self.status = RUNNING
        self.__dict__ = vars(uow)
        for repository in vars(uow).values():
            if isinstance(repository, Repository):
                repository.seen = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)

    def require_open(self, step: str) -> None:
        """Raise `TransactionError` unless the transaction can still be decided."""
        if self.status not in OPEN:
            raise TransactionError(
                f"{type(self._uow).__qualname__}: {step} on a transaction that is "
                f"{self.status.value}; a transaction is decided once, and over then: "
                "enter the unit of work again for more."
            )

    def collect_messages(self) -> list[Message[Any]]:
        """Take the messages of the models that the repositories have seen, each once."""
        collected: list[Message[Any]] = []
        for repository in vars(self._uow).values():
            if isinstance(repository, Repository):
                for model in repository.seen:
                    messages = vars(model).get("messages")
                    if messages:
                        collected += messages
                        messages.clear()
        return collected

    def drop(self, messages: Iterable[Message[Any]]) -> None:
        """Remember messages that nobody will handle, to warn of them if it is committed."""
        self._dropped += messages

    def make_once(self, key: object, factory: Callable[[], object]) -> object:
        """Call a dependency's factory the first time that it is asked for."""
        if key not in self._made:
            self._made[key] = factory()
        return self._made[key]

    def attend(self, dependency: object) -> None:
        """Remember a dependency that a handler was given, for its hooks."""
        if not any(dependency is other for other in self._attending):
            self._attending.append(dependency)

    def detach(self) -> None:
        """Let the block end with the transaction open."""
        if self.status is not RUNNING:
            self.require_open("detach")
            raise TransactionError(
                f"{type(self._uow).__qualname__}: detach on a transaction that is detached; "
                "once is enough: end it with close."
            )
        self.status = STREAMING

    async def decide_commit(self) -> None:
        """Commit the unit of work, publish, then run the after-commit hooks."""
        self.require_open("commit")
        committing = self._uow.commit()
        if committing is not None:
            await settle(committing, self.awaits, self._uow.commit)
        self.status = COMMITTED
        self.store.end(committed=True)
        self._steps = [self.store.publish_eventstream]
        if self._attending:
            self._steps += self._hooks("on_after_commit")
        await self._work_off()
        if self._errors:
            self._raise_errors("after the commit")

    async def decide_rollback(self) -> None:
        """Roll the unit of work back, then run the after-rollback hooks."""
        self.require_open("rollback")
        self._discard()
        await self._work_off()
        self._raise_errors("at the rollback")

    async def leave(self, error: BaseException | None) -> None:
        """End the block: close what was decided, roll back what was not."""
        if error is None and self.status is STREAMING:
            return
        undecided = self.status in OPEN
        if undecided:
            self._discard()
        try:
            if self._steps:
                await self._work_off()
        finally:
            self._close()
        if undecided and error is None:
            error = TransactionError(
                f"{type(self._uow).__qualname__}: the block was left without commit or rollback "
                "and was rolled back; say which: call one of them before its end."
            )
            self._note_errors(error)
            raise error
        if error is not None:
            self._note_errors(error)
        if self._errors:
            self._raise_errors("at the end of the block")
        if self._dropped:
            names = ", ".join(sorted({type(message).__qualname__ for message in self._dropped}))
            warnings.warn(
                f"{len(self._dropped)} message(s) were dropped that no `handle` collected before "
                f"the transaction's end: {names}; send the command through the bus to handle them.",
                RuntimeWarning,
                stacklevel=3 if self.awaits else 4,
            )

    async def end(self) -> None:
        """Close a detached transaction, rolled back unless it was committed."""
        if self.status in OPEN:
            self._discard()
        try:
            await self._work_off()
        finally:
            self._close()
        self._raise_errors("at close")

    def _close(self) -> None:
        if self.status is COMMITTED:
            uncollected = self.collect_messages()
            if uncollected:
                self._dropped += uncollected
        elif self._dropped:
            self._dropped.clear()
        self.status = CLOSED
        if self._uow.current_transaction is self:
            self._uow.current_transaction = None

    def _discard(self) -> None:
        self.status = ROLLEDBACK
        self.store.end(committed=False)
        self.collect_messages()
        self._steps = [self._uow.rollback, *self._hooks("on_after_rollback")]

    async def _work_off(self) -> None:
        while self._steps:
            step = self._steps[0]
            try:
                outcome = step()
                if outcome is not None:
                    await settle(outcome, self.awaits, step)
            except Exception as error:
                self._errors.append(error)
            del self._steps[0]

    def _raise_errors(self, moment: str) -> None:
        errors, self._errors = self._errors, []
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ExceptionGroup(f"{len(errors)} steps failed {moment}", errors)

    def _note_errors(self, error: BaseException) -> None:
        errors, self._errors = self._errors, []
        for other in errors:
            error.add_note(f"On the way out another step failed: {other!r}")

    def _hooks(self, name: str) -> list[Callable[[], Any]]:
        hooks = [getattr(dependency, name, None) for dependency in self._attending]
        return [hook for hook in hooks if hook is not None]


class AsyncTransaction(Transaction):
    """The transaction behind `async with`."""

    __slots__ = ()
    awaits = True

    commit = Transaction.decide_commit
    rollback = Transaction.decide_rollback
    close = Transaction.end


class SyncTransaction(Transaction):
    """The transaction behind `with`."""

    __slots__ = ()
    awaits = False

    def commit(self) -> None:
        """Commit the unit of work, publish, then run the after-commit hooks."""
        drive(self.decide_commit())

    def rollback(self) -> None:
        """Roll the unit of work back, then run the after-rollback hooks."""
        drive(self.decide_rollback())

    def close(self) -> None:
        """End a detached transaction, rolled back unless it was committed."""
        drive(self.end())
