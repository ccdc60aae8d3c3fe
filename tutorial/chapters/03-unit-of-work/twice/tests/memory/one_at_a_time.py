"""A unit of work that is entered once at a time."""

from types import TracebackType
from typing import Self

from messagebus import TransactionError
from tests.memory.uow import InMemoryUnitOfWork


class OneAtATime(InMemoryUnitOfWork):
    _entered = False

    async def __aenter__(self) -> Self:
        if self._entered:
            raise TransactionError(
                f"{type(self).__qualname__} is in a transaction already; it runs one at a time: "
                "end that block first, or make another unit of work."
            )
        self._entered = True
        return await super().__aenter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered = False
        await super().__aexit__(exc_type, exc, traceback)
