from typing import Any

import pytest

from messagebus import ConfigurationError, SyncSinkholeEventstreamTransport
from reading_club.domain.messages import RegisterBook
from tests.tutorial.library import LibraryUnitOfWork, library_bus


class HalfMovedUnitOfWork(LibraryUnitOfWork):
    """Its commit has been made to wait, and the rest of it has not."""

    def commit(self) -> Any:
        return self._write()

    async def _write(self) -> None:
        super().commit()


@pytest.mark.filterwarnings("ignore:coroutine")
def test_a_commit_that_is_never_awaited_is_an_error(register_book_cmd: RegisterBook) -> None:
    uow = HalfMovedUnitOfWork(SyncSinkholeEventstreamTransport())
    with pytest.raises(ConfigurationError, match="returned something to await"):
        with uow as transaction:
            library_bus().handle(register_book_cmd, transaction)
            transaction.commit()
        assert register_book_cmd.id in uow.kept
