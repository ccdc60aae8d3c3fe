"""The transaction: what `async with` hands out."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from messagebus.dependencies import Dependencies
from messagebus.errors import TransactionError


class TransactionStatus(Enum):
    """Where a transaction stands."""

    running = "running"
    committed = "committed"
    rolledback = "rolledback"


class AsyncTransaction:
    """One pass through a unit of work: its attributes, its methods, and the bus's promises.

    What it keeps for the bus is called `tx_…`, so that it hides no name of an application.
    """

    __slots__ = ("__dict__", "status", "tx_dependencies", "tx_uow")
    status: TransactionStatus

    def __init__(self, uow: Any) -> None:
        if uow.current_transaction is not None:
            raise TransactionError(
                f"{type(uow).__qualname__} is already in a transaction "
                f"({uow.current_transaction.status.value}); a unit of work runs one at a time: "
                "end that one and its block first, or make another unit of work."
            )
        self.tx_uow = uow
        self.tx_dependencies: Dependencies | None = None
        self.status = TransactionStatus.running
        uow.current_transaction = self
        self.__dict__ = vars(uow)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx_uow, name)

    async def commit(self) -> None:
        """Commit the unit of work, publish, then run the after-commit hooks."""
        await self.tx_uow.commit()
        self.status = TransactionStatus.committed
        await self.tx_uow.eventstore.publish_eventstream()
        for hook in self.tx_hooks("on_after_commit"):
            await hook()

    async def rollback(self) -> None:
        """Roll the unit of work back, then run the after-rollback hooks."""
        await self.tx_uow.rollback()
        self.status = TransactionStatus.rolledback
        for hook in self.tx_hooks("on_after_rollback"):
            await hook()

    def tx_hooks(self, name: str) -> list[Callable[[], Any]]:
        """The hooks of that name, of the dependencies that were given."""
        return self.tx_dependencies.hooks(name) if self.tx_dependencies else []
