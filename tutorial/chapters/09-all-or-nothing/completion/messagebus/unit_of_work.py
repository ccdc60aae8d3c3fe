"""The unit of work: one change, kept whole or not at all."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, cast

from messagebus.eventstore import AsyncAbstractEventstoreRepository
from messagebus.messages import Message
from messagebus.ports import AsyncAbstractRepository
from messagebus.transaction import AsyncTransaction


class AsyncAbstractUnitOfWork(ABC):
    """The base of an application's unit of work, whose attributes are its repositories.

    Its `eventstore` takes the messages of the models that the repositories have seen.
    A block that is left without `commit` or `rollback` is rolled back, and an error.
    """

    current_transaction: AsyncTransaction | None = None

    eventstore: AsyncAbstractEventstoreRepository

    def collect_messages(self) -> list[Message]:
        """Take the messages of the models that the repositories have seen, each once."""
        collected: list[Message] = []
        for repository in self._repositories():
            for model in repository.seen:
                collected += model.messages
                model.messages.clear()
        return collected

    def _repositories(self) -> Iterator[AsyncAbstractRepository[Any]]:
        for value in vars(self).values():
            if isinstance(value, AsyncAbstractRepository):
                yield value

    @abstractmethod
    async def commit(self) -> None:
        """Make the changes last."""

    @abstractmethod
    async def rollback(self) -> None:
        """Undo the changes."""

    async def __aenter__(self) -> Self:
        transaction = AsyncTransaction(self)
        for repository in self._repositories():
            repository.seen = []
        return cast(Self, transaction)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        transaction, self.current_transaction = self.current_transaction, None
        if transaction is not None:
            await transaction.tx_leave(exc)
