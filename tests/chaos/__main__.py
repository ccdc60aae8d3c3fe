"""The long form: `nox -s chaos -- --minutes 5` runs each database with each stream in turn.

Writes docs/benchmarks/chaos.md. PostgreSQL is the tests' own: see tests/requires.py.
"""

import argparse
import asyncio
import datetime
import os
import sys
import tempfile
from pathlib import Path

from bench.report import thousands, write_table
from tests.chaos.conftest import make
from tests.chaos.roles import Place
from tests.chaos.run import Outcome, chaos
from tests.sql.conftest import database_of_its_own

PAGES = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"
SERVER = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
SEED = 7


def run(place: Place, seconds: float) -> Outcome:
    asyncio.run(make(place.url))
    return chaos(place, seconds, SEED)


def main() -> None:
    parser = argparse.ArgumentParser(prog="nox -s chaos --", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for all four together")
    minutes: float = parser.parse_args().minutes
    rows: list[list[str]] = []
    wrong = 0
    for database in ("SQLite", "PostgreSQL"):
        for stream in ("table", "lines"):
            with tempfile.TemporaryDirectory() as folder, database_of_its_own(SERVER) as server:
                lines = Path(folder) / "stream.jsonl" if stream == "lines" else None
                url = server if database == "PostgreSQL" else f"sqlite:///{folder}/club.db"
                found = run(Place(url, lines), minutes * 60 / 4)
            lost, phantom, late, doubled = found.verdict
            bad = [lost, phantom, late, found.waiting, found.miscounted]
            wrong += sum(bad) + (not found.kills["writer"]) + (not found.kills["relay"])
            met = [
                faults[role]
                for role in ("writer", "relay")
                for faults in (found.kills, found.pauses)
            ]
            numbers = [found.committed, *met, doubled, *bad]
            rows.append([f"{database}, {stream}", *map(thousands, numbers)])
    header = ["", "committed", "writers killed", "writers held up"]
    header += ["relays killed", "relays held up", "sent again"]
    header += ["lost", "phantom", "late", "unsent", "ratings miscounted"]
    names, *numbers_of = zip(header, *rows, strict=True)
    write_table(PAGES / "chaos.md", names, numbers_of)
    today = datetime.datetime.now(datetime.UTC).date()
    (PAGES / "chaos-conditions.md").write_text(
        f"By `nox -s chaos -- --minutes {minutes:g}` on {today:%-d %B %Y}: two writers and two "
        f"relays at a time, seed {SEED}; every 0.1 to 0.5 seconds one of them is killed, or in one "
        "case of five held up by SIGSTOP for up to a second.\n",
        encoding="utf-8",
    )
    if wrong:
        sys.exit("something was lost, phantom, late, unsent or miscounted, or no role was killed")


if __name__ == "__main__":
    main()
