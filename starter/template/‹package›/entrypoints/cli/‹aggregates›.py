"""What the commands do with ‹words›."""

from collections.abc import Sequence
from uuid import UUID

from lastuuid import uuid7
from result import Err

from messagebus.adapters.typer import exit_with, print_json, print_line, print_table
from ‹package›.bootstrap import Application
from ‹package›.domain.messages import Register‹Aggregate›, Rename‹Aggregate›
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.domain.results import ‹Aggregate›RepositoryError
from ‹package›.entrypoints.cli.runner import exit_on_errors, handle, run, settings_for


def register(database: str | None, name: str) -> None:
    """Register ‹a_word›."""
    with exit_on_errors():
        command = Register‹Aggregate›(id=uuid7(), name=name)
    if isinstance(handle(database, command), Err):
        raise exit_with(f"‹a_word› called {command.name} is registered already")
    print_line(f"Registered the ‹word› {command.name}.")


def rename(database: str | None, id: UUID, name: str) -> None:
    """Give ‹a_word› another name."""
    with exit_on_errors():
        command = Rename‹Aggregate›(id=id, name=name)
    result = handle(database, command)
    if result == Err(‹Aggregate›RepositoryError.not_found):
        raise exit_with(f"no ‹word› has the id {id}")
    if isinstance(result, Err):
        raise exit_with(f"‹a_word› called {command.name} is registered already")
    print_line(f"The ‹word› is called {command.name} now.")


def list_all(database: str | None, *, json: bool) -> None:
    """Print the ‹words›."""

    async def found(application: Application) -> Sequence[‹Aggregate›]:
        return [each async for each in application.queries.‹aggregates›()]

    listed = run(settings_for(database), found)
    if json:
        print_json([each.model_dump(mode="json") for each in listed])
    else:
        print_table(("name", "id"), listed)
