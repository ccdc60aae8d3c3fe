from __future__ import annotations

from typing import TYPE_CHECKING

from messagebus import async_listen, sync_listen
from tests.messagebus.fakes import Register, Shelved

if TYPE_CHECKING:
    from tests.messagebus.fakes import AsyncUow, SyncUow


@async_listen
async def register(cmd: Register, uow: AsyncUow) -> str:
    uow.books.add(cmd.title, Shelved(title=cmd.title))
    return f"{cmd.title}, asynchronously"


@sync_listen
def register_blocking(cmd: Register, uow: SyncUow) -> str:
    uow.books.add(cmd.title, Shelved(title=cmd.title))
    return f"{cmd.title}, blocking"


def unmarked(cmd: Register, uow: SyncUow) -> str:
    raise AssertionError("nobody marked this function")
