"""The unit of work, and the transaction that `async with` hands out.

The unit of work is the application's: its repositories, its event store, its `commit` and
`rollback`. The transaction is the bus's: it knows whether the work was decided, collects
the models' messages, publishes after the commit and runs the dependencies' hooks.
Unit of work and its `seen` models: Fowler, "Patterns of Enterprise Application
Architecture"; Percival and Gregory, "Architecture Patterns with Python", chapters 6 and 8.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, cast

from typing_extensions import TypeVar

from messagebus.collector import slots_of
from messagebus.errors import TransactionError
from messagebus.eventstore import (
    AsyncAbstractEventstoreRepository,
    AsyncSinkholeEventstoreRepository,
    SyncAbstractEventstoreRepository,
    SyncSinkholeEventstoreRepository,
)
from messagebus.observers.observer import Observer
from messagebus.transaction import (
    AsyncObservedTransaction,
    AsyncTransaction,
    SyncObservedTransaction,
    SyncTransaction,
    Transaction,
    TransactionStatus,
)
from messagebus.variants import run_sync

TRepositories = TypeVar("TRepositories", default=Any)


class _UnitOfWork:
    current_transaction: Transaction | None = None
    tx_slots: ClassVar[Sequence[str]] = ()
    tx_observers: Sequence[Observer] = ()
    tx_kind: Any
    tx_observed: Any

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.tx_slots = slots_of(cls)

    @property
    def status(self) -> TransactionStatus:
        """Where the transaction stands; `closed` outside of `with`."""
        transaction = self.current_transaction
        return TransactionStatus.closed if transaction is None else transaction.status

    def observe(self, *observers: Observer) -> Self:
        """Let observers watch each transaction, its commit and its rollback."""
        if observers:
            self.tx_observers = (*self.tx_observers, *observers)
            self.tx_kind = self.tx_observed
        return self

    def detach(self) -> None:
        """Let the block end with the transaction open, for a streaming response.

        The code that streams then calls `handle` and `commit`, and at last `close`.
        """
        self._entered("detach").detach()

    def _entered(self, step: str) -> Transaction:
        transaction = self.current_transaction
        if transaction is None:
            raise TransactionError(
                f"{type(self).__qualname__}.{step}: this unit of work is closed; a transaction "
                f"starts with `with`: call {step} on what the block hands out."
            )
        return transaction


class AsyncAbstractUnitOfWork(_UnitOfWork, ABC, Generic[TRepositories]):
    """The base of an application's unit of work: one business change, kept whole or not at all.

    Set the repositories and the `eventstore` as attributes, in `__init__` or later, and
    implement `commit` and `rollback`; no call of `super().__init__()` is needed. Without an
    event store it gets a sinkhole of its own. The type parameter is free for the
    application, to name the kinds of repositories inside.

        async with uow as transaction:
            await bus.handle(command, transaction)
            await transaction.commit()

    Raises `TransactionError` where the block is left undecided, after rolling back, and
    where a unit of work is entered while it is in a transaction.
    """

    tx_kind: Any = AsyncTransaction
    tx_observed: Any = AsyncObservedTransaction

    if TYPE_CHECKING:
        eventstore: AsyncAbstractEventstoreRepository
    else:

        @cached_property
        def eventstore(self) -> AsyncAbstractEventstoreRepository:
            """Where the transaction's messages are kept; a sinkhole unless one was set."""
            return AsyncSinkholeEventstoreRepository()

    @abstractmethod
    async def commit(self) -> None:
        """Make the changes last."""

    @abstractmethod
    async def rollback(self) -> None:
        """Undo the changes."""

    async def close(self) -> None:
        """End a detached transaction: rolled back unless it was committed; harmless twice."""
        await cast(AsyncTransaction, self._entered("close")).close()

    async def __aenter__(self) -> Self:
        transaction: Self = self.tx_kind(self)
        return transaction

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        transaction = self.current_transaction
        if transaction is not None and not transaction.tx_leave_at_once(exc):
            await transaction.tx_leave(exc)


class SyncAbstractUnitOfWork(_UnitOfWork, ABC, Generic[TRepositories]):
    """The base of an application's unit of work, whose methods block.

    with uow as transaction:
        bus.handle(command, transaction)
        transaction.commit()
    """

    tx_kind: Any = SyncTransaction
    tx_observed: Any = SyncObservedTransaction

    if TYPE_CHECKING:
        eventstore: SyncAbstractEventstoreRepository
    else:

        @cached_property
        def eventstore(self) -> SyncAbstractEventstoreRepository:
            """Where the transaction's messages are kept; a sinkhole unless one was set."""
            return SyncSinkholeEventstoreRepository()

    @abstractmethod
    def commit(self) -> None:
        """Make the changes last."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo the changes."""

    def close(self) -> None:
        """End a detached transaction: rolled back unless it was committed; harmless twice."""
        cast(SyncTransaction, self._entered("close")).close()

    def __enter__(self) -> Self:
        transaction: Self = self.tx_kind(self)
        return transaction

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        transaction = self.current_transaction
        if transaction is not None and not transaction.tx_leave_at_once(exc):
            run_sync(transaction.tx_leave(exc))
