from messagebus import async_listen, sync_listen
from tests.messagebus.fakes import AsyncUow, Registered, Shelved, SyncUow

# Imported, and so found twice: in its own module and here.
from tests.messagebus.handlers.books import register, register_blocking

__all__ = ["register", "register_blocking"]


@async_listen
async def see(event: Shelved | Registered, uow: AsyncUow) -> None:
    uow.script.play(f"saw {type(event).__name__}")


@sync_listen
def see_blocking(event: Shelved | Registered, uow: SyncUow) -> None:
    uow.script.play(f"saw {type(event).__name__}")
