"""The club's own commands: what people type, checked by Typer before anything is imported."""

from typing import Annotated

import typer

from reading_club.entrypoints.cli.options import DatabaseOption, JsonOption, command_group

commands = command_group()


@commands.command()
def register(
    context: typer.Context,
    title: str,
    author: Annotated[str, typer.Option()],
    isbn: Annotated[str, typer.Option(help="ISBN-10 or ISBN-13.")],
    database: DatabaseOption = None,
) -> None:
    """Register a book."""
    from reading_club.entrypoints.cli import shelf

    shelf.register(database or context.obj, title, author=author, isbn=isbn)


@commands.command()
def reviewer(context: typer.Context, name: str, database: DatabaseOption = None) -> None:
    """Register somebody who reviews books."""
    from reading_club.entrypoints.cli import shelf

    shelf.register_reviewer(database or context.obj, name)


@commands.command()
def review(
    context: typer.Context,
    isbn: str,
    reviewer: Annotated[str, typer.Option(help="The name of a registered reviewer.")],
    rating: Annotated[int, typer.Option(help="From 1 to 10.")],
    comment: Annotated[str, typer.Option()] = "",
    database: DatabaseOption = None,
) -> None:
    """Review a book."""
    from reading_club.entrypoints.cli import reviews

    reviews.review(database or context.obj, isbn, reviewer=reviewer, rating=rating, comment=comment)


@commands.command()
def revise(
    context: typer.Context,
    isbn: str,
    reviewer: Annotated[str, typer.Option(help="Who has reviewed the book.")],
    rating: Annotated[int, typer.Option(help="From 1 to 10.")],
    comment: Annotated[
        str | None, typer.Option(help="Without it, the comment stays as it is.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Change a review."""
    from reading_club.entrypoints.cli import reviews

    reviews.revise(database or context.obj, isbn, reviewer=reviewer, rating=rating, comment=comment)


@commands.command()
def withdraw(
    context: typer.Context,
    isbn: str,
    reviewer: Annotated[str, typer.Option(help="Who has reviewed the book.")],
    database: DatabaseOption = None,
) -> None:
    """Withdraw a review; the reviewer may review the book anew."""
    from reading_club.entrypoints.cli import reviews

    reviews.withdraw(database or context.obj, isbn, reviewer=reviewer)


@commands.command()
def books(
    context: typer.Context,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="Show the first N alone.", min=1, max=2**63 - 2),
    ] = None,
    json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """List the books with their ratings."""
    from reading_club.entrypoints.cli import shelf

    shelf.books(database or context.obj, limit=limit, json=json)


@commands.command()
def reviewers(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """List those who review books."""
    from reading_club.entrypoints.cli import shelf

    shelf.reviewers(database or context.obj, json=json)


@commands.command("import")
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A path, or - for the standard input.")],
    json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Register the books of a CSV file, as spreadsheets and other libraries export it."""
    from reading_club.entrypoints.cli import importing

    importing.import_(database or context.obj, file, json=json)
