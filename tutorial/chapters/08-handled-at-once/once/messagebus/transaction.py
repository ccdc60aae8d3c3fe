"""The transaction: what `async with` hands out."""

from enum import Enum
from typing import Any

from messagebus.dependencies import Dependencies


class TransactionStatus(Enum):
    """Where a transaction stands."""

    running = "running"
    committed = "committed"
    rolledback = "rolledback"


class AsyncTransaction:
    """One pass through a unit of work; each name that it lacks is the unit of work's."""

    def __init__(self, uow: Any) -> None:
        self._uow = uow
        self.status = TransactionStatus.running
        self.dependencies = Dependencies()

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
