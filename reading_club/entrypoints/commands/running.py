"""How every command runs: settings, an open club, and refusals that say what is wrong."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from types import EllipsisType
from typing import Any, TypeVar

import typer
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError
from result import Result

from messagebus import Command, ConfigurationError
from messagebus.relay import LedElsewhereError, StreamClosedError, StreamUnavailableError
from messagebus.telemetry import Observer
from reading_club.bootstrap import SECRETS_DIR, ReadingClub, Settings, StorageError, open_club
from reading_club.entrypoints.bookfile import UnreadableFileError
from reading_club.entrypoints.console import refuse
from reading_club.entrypoints.wording import explain
from reading_club.service.uow import AbstractUnitOfWork

T = TypeVar("T")
E = TypeVar("E")


def run(
    database: str | None,
    work: Callable[[ReadingClub], Coroutine[Any, Any, T]],
    *,
    blocking: bool = False,
    observers: Sequence[Observer] = (),
) -> T:
    """Do the work at a club that is open meanwhile."""
    settings = settings_for(database)

    async def at_work() -> T:
        async with open_club(settings, blocking=blocking, observers=observers) as club:
            return await work(club)

    with refusals():
        return asyncio.run(at_work())


def handle(
    database: str | None, command: Command[Result[EllipsisType, E]]
) -> Result[EllipsisType, E]:
    """Handle a command in a transaction of its own, which lasts if the result is no error."""

    async def at_work(club: ReadingClub) -> Result[EllipsisType, E]:
        async def work(transaction: AbstractUnitOfWork) -> Result[EllipsisType, E]:
            result = await club.bus.handle(command, transaction)
            await (transaction.commit() if result.is_ok() else transaction.rollback())
            return result

        return await club.run(work)

    return run(database, at_work)


def settings_for(database: str | None) -> Settings:
    """The settings; what cannot be one is wrong usage, named as it was given."""
    try:
        return Settings(database_url=SecretStr(database)) if database else Settings()
    except ValidationError as error:
        setting = str(error.errors()[0]["loc"][0])
        given = "--database" if setting == "database_url" else f"READING_CLUB_{setting.upper()}"
        raise typer.BadParameter(_reasons(error), param_hint=given) from None
    except (SettingsError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error), param_hint=SECRETS_DIR) from error


def _reasons(error: ValidationError) -> str:
    """What is wrong with settings, and nothing of what they hold: it may be a password."""
    return "; ".join(
        f"{each['loc'][0]}: {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    )


@contextmanager
def refusals() -> Generator[None, None, None]:
    """End the command with the message of an error that says all that people need."""
    try:
        yield
    except ValidationError as error:
        raise refuse(explain(error)) from error
    except (
        UnreadableFileError,
        StorageError,
        StreamUnavailableError,
        StreamClosedError,
        LedElsewhereError,
        ConfigurationError,
    ) as error:
        raise refuse(str(error)) from error
    except KeyboardInterrupt:
        typer.echo("Interrupted: what was committed stays, in whole rows.", err=True)
        raise typer.Exit(130) from None
