"""The command line. Exit status 0: done; 1: it can't be done; 2: wrong usage."""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

import typer
from pydantic import SecretStr, ValidationError

from messagebus import MessageBusError
from messagebus.adapters.sqlalchemy import MigratedDatabase
from messagebus.adapters.typer import (
    database_commands,
    dead_letter_commands,
    exit_with,
    inbox_commands,
)
from messagebus.adapters.typer.console import print_json, print_line
from messagebus.adapters.typer.runner import DatabaseOption, JsonOption, command_group
from messagebus.consumer import AsyncAbstractInbox
from messagebus.relay import stopped_by_signals
from newsletter.adapters.queries import best_books, written_letters
from newsletter.bootstrap import Newsletter, open_newsletter, open_storage, tables_of
from newsletter.config import Settings

T = TypeVar("T")

app = command_group("A newsletter about the reading club's books.")


def main() -> None:
    """Run the command line."""
    app(prog_name="newsletter")


@app.callback()
def choose_database(context: typer.Context, database: DatabaseOption = None) -> None:
    """Keep the database that stands in front of a command."""
    context.obj = database


@app.command()
def consume(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End when nothing waits any more.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Apply what the club published; SIGTERM ends it after a batch."""

    async def work(newsletter: Newsletter) -> None:
        consumer = newsletter.consumer()
        with stopped_by_signals(consumer.stop):
            if once:
                await consumer.run_once()
                counts = consumer.counts
                typer.echo(f"Applied {counts.applied}, ignored {counts.ignored}.", err=True)
            else:
                await consumer.run()
        if consumer.counts.lost:
            raise exit_with(
                f"the stream has lost messages {consumer.counts.lost} time(s) before they were "
                "consumed. Run `newsletter rebuild --from-what-is-kept`, or replay the club's "
                "outbox."
            )

    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    _run(database or context.obj, work)


@app.command()
def letters(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """List the letters, one about each book."""
    for each in _run(database or context.obj, lambda one: written_letters(one.database)):
        if json:
            print_json(each.model_dump(mode="json"))
        else:
            print_line(f"{each.written_at:%Y-%m-%d %H:%M}", each.title)


@app.command()
def best(context: typer.Context, json: JsonOption = False, database: DatabaseOption = None) -> None:
    """List the reviewed books, the best rated one first."""
    for each in _run(database or context.obj, lambda one: best_books(one.database)):
        if json:
            shown = each.model_dump(mode="json", include={"book_id", "title", "reviews"})
            print_json({**shown, "mean": each.mean})
        else:
            print_line(f"{each.mean:.2f}", f"{each.reviews} review(s)", each.title)


@app.command()
def rebuild(
    context: typer.Context,
    from_what_is_kept: Annotated[
        bool,
        typer.Option("--from-what-is-kept", help="Although the stream has lost its first message."),
    ] = False,
    database: DatabaseOption = None,
) -> None:
    """Build the best books anew from the stream, while the newsletter goes on."""

    async def work(newsletter: Newsletter) -> int:
        return await newsletter.rebuild(from_what_is_kept=from_what_is_kept)

    typer.echo(f"Rebuilt from {_run(database or context.obj, work)}.", err=True)


@app.command()
def register(context: typer.Context, database: DatabaseOption = None) -> None:
    """Let the stream keep messages for the newsletter, before the club's first publication."""
    _run(database or context.obj, Newsletter.register)


def _settings(database: str | None) -> Settings:
    try:
        if database is None:
            return Settings()
        return Settings(database_url=SecretStr(database))
    except ValidationError as error:
        reasons = [f"{each['loc'][0]}: {each['msg']}" for each in error.errors()]
        raise exit_with(f"settings: {'; '.join(reasons)}") from error


def _run(database: str | None, work: Callable[[Newsletter], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with open_newsletter(_settings(database)) as newsletter:
            return await work(newsletter)

    try:
        return asyncio.run(opened())
    except MessageBusError as error:
        raise exit_with(str(error)) from error


@asynccontextmanager
async def _open_inbox(
    database: str | None,
) -> AsyncGenerator[AsyncAbstractInbox[Any], None]:
    async with open_newsletter(_settings(database)) as newsletter:
        yield newsletter.inbox()


@asynccontextmanager
async def _open_tables(database: str | None) -> AsyncGenerator[MigratedDatabase, None]:
    settings = _settings(database)
    async with open_storage(settings) as storage:
        yield tables_of(storage, settings)


app.add_typer(inbox_commands(_open_inbox), name="inbox")
app.add_typer(dead_letter_commands(_open_inbox), name="dead-letters")
app.add_typer(database_commands(_open_tables), name="db")
