"""Which tables a database has, and the way to today's: Alembic's migrations."""

from collections.abc import Collection

from messagebus.adapters.sqlalchemy import Migrations, OtherRevisionError
from reading_club.adapters.tables import metadata

REVISION = "0008"
"""The migration that makes today's tables."""

FIRST = "0001"


def _first_release(tables: Collection[str]) -> str | None:
    """The first release left no mark: its tables are known by their names."""
    return FIRST if {"books", "eventstore"}.issubset(tables) else None


migrations = Migrations("reading_club:migrations", metadata, REVISION, unmarked=_first_release)
revision = migrations.revision
upgrade = migrations.upgrade
migrate = migrations.migrate
differences = migrations.differences


def refuse_other(found: str) -> None:
    """Raise `OtherRevisionError` for the tables of another release.

    None is changed unasked: the release that wrote them could not use them any more.
    """
    if found != REVISION:
        raise OtherRevisionError(reason_of_other(found))


def reason_of_other(found: str) -> str:
    """Why this release cannot use tables of another revision than its own, and what can."""
    if migrations.knows(found):
        return (
            f"its tables are those of an earlier release (revision {found}, today's is "
            f"{REVISION}): run `reading-club db upgrade`, which keeps what is in them"
        )
    return (
        f"its tables are those of a later release, or of another application (revision {found}, "
        f"this release knows {REVISION}): install that release"
    )
