"""The transaction: what `async with` hands out."""

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
    """One pass through a unit of work; each name that it lacks is the unit of work's."""

    def __init__(self, uow: Any) -> None:
        if uow.current_transaction is not None:
            raise TransactionError(
                f"{type(uow).__qualname__} is already in a transaction "
                f"({uow.current_transaction.status.value}); a unit of work runs one at a time: "
                "end that one and its block first, or make another unit of work."
            )
        self._uow = uow
        self.status = TransactionStatus.running
        self.dependencies = Dependencies()
        uow.current_transaction = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)

    async def commit(self) -> None:
        """Commit the unit of work, publish, then run the after-commit hooks."""
        await self._uow.commit()
        self.status = TransactionStatus.committed
        await self._uow.eventstore.publish_eventstream()
        for hook in self.dependencies.hooks("on_after_commit"):
            await hook()

    async def rollback(self) -> None:
        """Roll the unit of work back, then run the after-rollback hooks."""
        await self._uow.rollback()
        self.status = TransactionStatus.rolledback
        for hook in self.dependencies.hooks("on_after_rollback"):
            await hook()
