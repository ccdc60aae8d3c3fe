"""The commands of `db`."""

from pathlib import Path

from tests.typer.conftest import Application, Run


def test_tables_are_made_upgraded_or_left(run: Run, application: Application) -> None:
    done = [run("db", "upgrade").stdout, run("db", "upgrade").stdout]
    application.tables.at = "1"
    done.append(run("db", "upgrade").stdout)
    assert done == [
        "parcels.db has its tables now, at revision 3.\n",
        "parcels.db is at revision 3 already.\n",
        "parcels.db is upgraded from revision 1 to 3.\n",
    ]


def test_an_upgrade_tells_of_its_copy_of_broken_references_and_of_the_application_s_notes(
    run: Run, application: Application
) -> None:
    application.tables.broken, application.tables.noted = ["parcels, row 1"], ["Read this."]
    assert run("db", "upgrade", "--backup", "before.db").stdout.splitlines() == [
        "before.db is a copy of parcels.db as it was.",
        "parcels.db has its tables now, at revision 3.",
        "These rows refer to rows that are not there, and did so before:",
        "parcels, row 1",
        "Read this.",
    ]
    assert application.tables.copies == [Path("before.db")]


def test_the_revision_is_named_whosever_it_is(run: Run, application: Application) -> None:
    output: list[str] = []
    for revision in (None, "3", "1", "4"):
        application.tables.at = revision
        output.append(run("db", "current").stdout)
    assert output == [
        "parcels.db has no tables yet.\n",
        "parcels.db is at revision 3, which is today's.\n",
        "parcels.db is at revision 1, today's is 3.\n",
        "parcels.db: its tables are those of revision 4.\n",
    ]


def test_tables_that_differ_end_the_check_with_1(run: Run, application: Application) -> None:
    ended: list[tuple[int, str]] = []
    for revision, wrong in (
        (None, ()),
        ("1", ()),
        ("3", ("no column a", "no column b")),
        ("3", ()),
    ):
        application.tables.at, application.tables.wrong = revision, wrong
        checked = run("db", "check")
        ended.append((checked.exit_code, checked.output))
    assert ended == [
        (1, "parcels.db has no tables yet: run `parcels db upgrade`\n"),
        (1, "parcels.db cannot be compared: its tables are those of revision 1\n"),
        (1, "no column a; no column b\n"),
        (0, "The tables are those of this release.\n"),
    ]
