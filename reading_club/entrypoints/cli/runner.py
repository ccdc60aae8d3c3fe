"""How every command runs: its settings, an open club, and errors that end it with a reason."""

import asyncio
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
from messagebus.adapters.typer import exit_with, os_user
from messagebus.relay import LedElsewhereError, StreamClosedError, StreamUnavailableError
from messagebus.telemetry import Observer
from reading_club.bootstrap import ReadingClub, StorageError, open_club
from reading_club.config import SECRETS_DIR, Settings, misspelt_variables
from reading_club.domain.error_messages import explain

T = TypeVar("T")
E = TypeVar("E")


def run(
    settings: Settings,
    work: Callable[[ReadingClub], Coroutine[Any, Any, T]],
    *,
    blocking: bool = False,
    observers: Sequence[Observer] = (),
) -> T:
    """Do the work at a club that is open meanwhile."""

    async def opened() -> T:
        async with open_club(settings, blocking=blocking, observers=observers) as club:
            return await work(club)

    with exit_on_errors():
        return asyncio.run(opened())


def handle(database: str | None, command: Command[Result[T, E]]) -> Result[T, E]:
    """Handle a command at a club that is open meanwhile."""
    return run(settings_for(database), lambda club: club.handle(command, actor=os_user()))


def settings_for(database: str | None) -> Settings:
    """The settings; what cannot be one is wrong usage, named as it was given."""
    for variable, meant in misspelt_variables(os.environ).items():
        typer.echo(f"{variable} is no setting and is ignored: is it {meant}?", err=True)
    options = {} if database is None else {"database_url": "--database"}
    try:
        return Settings() if database is None else Settings(database_url=SecretStr(database))
    except ValidationError as error:
        sources, reasons = _wrong(error, options)
        raise typer.BadParameter(reasons, param_hint=sources) from None
    except (SettingsError, UnicodeDecodeError, OSError) as error:
        raise typer.BadParameter(str(error), param_hint=SECRETS_DIR) from error


def _wrong(error: ValidationError, options: Mapping[str, str]) -> tuple[list[str], str]:
    """Where the wrong settings came from and why each is none; nothing of what they hold."""
    reasons = {
        options.get(setting := str(each["loc"][0])) or _source_of(setting): each["msg"]
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    }
    sources = [*reasons]
    texts = [reason.removeprefix("Value error, ") for reason in reasons.values()]
    if len(texts) == 1:
        return sources, texts[0]
    return sources, "; ".join(map(": ".join, zip(sources, texts, strict=True)))


def _source_of(setting: str) -> str:
    """The variable that holds a setting, or the file of the folder of secrets."""
    variable = f"{Settings.model_config.get('env_prefix', '')}{setting.upper()}"
    if variable in map(str.upper, os.environ):
        return variable
    return str(Path(os.environ.get(SECRETS_DIR, ""), variable.lower()))


@contextmanager
def exit_on_errors() -> Generator[None, None, None]:
    """End the command with the message of an error that says all that people need."""
    try:
        yield
    except ValidationError as error:
        raise exit_with(explain(error)) from error
    except (
        StorageError,
        StreamUnavailableError,
        StreamClosedError,
        LedElsewhereError,
        ConfigurationError,
    ) as error:
        raise exit_with(str(error)) from error
