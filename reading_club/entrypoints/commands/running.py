"""How every command runs: settings, an open club, and refusals that say what is wrong."""

import asyncio
import getpass
import os
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typer
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError
from result import Result

from messagebus import Command, ConfigurationError
from messagebus.relay import LedElsewhereError, StreamClosedError, StreamUnavailableError
from messagebus.telemetry import Observer
from reading_club.bootstrap import ReadingClub, StorageError, open_club
from reading_club.config import SECRETS_DIR, Settings
from reading_club.entrypoints.bookfile import UnreadableFileError
from reading_club.entrypoints.console import refuse
from reading_club.entrypoints.wording import explain

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


def handle(database: str | None, command: Command[Result[T, E]]) -> Result[T, E]:
    """Handle a command at a club that is open meanwhile."""
    return run(database, lambda club: club.handle(command, actor=os_user()))


def os_user() -> str:
    """Who runs the command, for the journal: a user of the operating system."""
    try:
        import pwd
    except ModuleNotFoundError:
        return f"os:{getpass.getuser()}"
    try:
        return f"os:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"os:{os.getuid()}"


def settings_for(database: str | None) -> Settings:
    """The settings; what cannot be one is wrong usage, named as it was given."""
    options = {} if database is None else {"database_url": "--database"}
    try:
        return Settings() if database is None else Settings(database_url=SecretStr(database))
    except ValidationError as error:
        given, reasons = _wrong(error, options)
        raise typer.BadParameter(reasons, param_hint=given) from None
    except (SettingsError, UnicodeDecodeError, OSError) as error:
        raise typer.BadParameter(str(error), param_hint=SECRETS_DIR) from error


def _wrong(error: ValidationError, options: Mapping[str, str]) -> tuple[list[str], str]:
    """Where the wrong settings came from and why each is none; nothing of what they hold."""
    reasons = {
        options.get(setting := str(each["loc"][0])) or _source_of(setting): each["msg"]
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    }
    given = [*reasons]
    said = [reason.removeprefix("Value error, ") for reason in reasons.values()]
    if len(said) == 1:
        return given, said[0]
    return given, "; ".join(map(": ".join, zip(given, said, strict=True)))


def _source_of(setting: str) -> str:
    """The variable that holds a setting, or the file of the folder of secrets."""
    variable = f"{Settings.model_config.get('env_prefix', '')}{setting.upper()}"
    if variable in map(str.upper, os.environ):
        return variable
    return str(Path(os.environ.get(SECRETS_DIR, ""), variable.lower()))


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
