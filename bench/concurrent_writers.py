"""Many units of work at once, on SQLite and PostgreSQL: the club against drivers by hand."""

import socket
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url

from bench.environments import ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.report import between, times, write_table
from bench.workers.concurrent_writers import SERVER

WRITERS = (1, 8, 50)
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
WAYS = {
    "sqlite": {"hand": "sqlite3 by hand, one after the other", "club": "the reading club"},
    "postgresql": {
        "hand": "asyncpg by hand",
        "core": "the same statements by SQLAlchemy's AsyncEngine",
        "club": "the reading club",
    },
}


def measure(folder: Path, plan: Plan) -> None:
    """Write concurrent-writers-sqlite.md and, with a server, concurrent-writers-postgresql.md."""
    for database, ways in WAYS.items():
        if database == "postgresql" and not is_reachable():
            print(f"no PostgreSQL at {make_url(SERVER).host}: its table stays as it was")
            continue
        rows: list[list[str]] = []
        first = ways["hand"]
        for at_once in WRITERS:
            contenders = [
                Contender(
                    name,
                    first,
                    ours("bench.workers.concurrent_writers", database, way, str(at_once)),
                )
                for way, name in ways.items()
            ]
            found = ratios(contenders, run_rounds(contenders, plan))
            rows += [
                [str(at_once), contender, times(it), between(it)] for contender, it in found.items()
            ]
        header = ["at once", "contender", f"times {first}", "middle half"]
        write_table(folder / f"concurrent-writers-{database}.md", header, rows)


def databases() -> Sequence[str]:
    """Those that there are to measure on."""
    return ["sqlite", "postgresql"] if is_reachable() else ["sqlite"]


def is_reachable() -> bool:
    """Whether there is a PostgreSQL to measure on."""
    url = make_url(SERVER)
    try:
        socket.create_connection((url.host or "127.0.0.1", url.port or 5432), 2).close()
    except OSError:
        return False
    return True
