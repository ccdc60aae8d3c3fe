"""Registering, reviewing and listing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reading_club.adapters.schema import REVISION
from tests.cli.conftest import Club, output
from tests.sql.test_migrations import FIRST_RELEASE

DDD = ("register", "Domain Driven Design", "--author", "Eric Evans", "--isbn", "0-321-12521-5")
ANNS_REVIEW = ("review", "9780321125217", "--reviewer", "Ann", "--rating", 9, "--comment", "Deep")


def test_a_registered_book_is_on_the_shelf(club: Club) -> None:
    assert club(*DDD).exit_code == 0
    (book,) = output(club("books", "--json"))
    assert list(book) == ["id", "isbn", "title", "author", "reviews", "rating"]
    assert list(book.values())[1:] == [
        "0-321-12521-5",
        "Domain Driven Design",
        "Eric Evans",
        0,
        None,
    ]


def test_a_review_counts(club: Club) -> None:
    assert [club(*DDD).exit_code, club("reviewer", "Ann").exit_code] == [0, 0]
    assert club(*ANNS_REVIEW).exit_code == 0
    (book,) = output(club("books", "--json"))
    assert (book["reviews"], book["rating"]) == (1, 9)


def test_a_review_is_revised_and_withdrawn(club: Club) -> None:
    for arguments in (DDD, ("reviewer", "Ann"), ANNS_REVIEW):
        assert club(*arguments).exit_code == 0
    assert club("revise", DDD[-1], "--reviewer", "Ann", "--rating", 4).exit_code == 0
    (book,) = output(club("books", "--json"))
    assert (book["reviews"], book["rating"]) == (1, 4)
    kept = json.loads(output(club("events", "--json", "--last", 1))["payload"])
    assert (kept["previous_rating"], kept["rating"], kept["comment"]) == (9, 4, "Deep")
    assert club("withdraw", DDD[-1], "--reviewer", "Ann").exit_code == 0
    (book,) = output(club("books", "--json"))
    assert (book["reviews"], book["rating"]) == (0, None)
    assert club(*ANNS_REVIEW).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("withdraw", "9780321125217", "--reviewer", "Bob"), "Bob has no review of 9780321125217"),
        (("withdraw", "123", "--reviewer", "Ann"), "'123' is no ISBN"),
        (("revise", "9780321125217", "--reviewer", "Ann", "--rating", 11), "rating 11"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    club: Club, arguments: tuple[object, ...], reason: str
) -> None:
    for each in (DDD, ("reviewer", "Ann"), ("reviewer", "Bob"), ANNS_REVIEW):
        assert club(*each).exit_code == 0
    refused = club(*arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert reason in refused.stderr


def test_reviewers_are_listed_in_the_order_of_their_registration(club: Club) -> None:
    for name in ("Bob", "Ann"):
        club("reviewer", name)
    assert [each["name"] for each in output(club("reviewers", "--json"))] == ["Bob", "Ann"]
    assert "Bob" in club("reviewers").stdout


def test_a_new_shelf_is_empty(club: Club) -> None:
    assert club("books", "--json").stdout == "[]\n"
    assert club("events", "--json").stdout == ""


def test_events_are_envelopes_in_order_of_commit(club: Club) -> None:
    for arguments in (DDD, ("reviewer", "Ann"), ANNS_REVIEW):
        club(*arguments)
    events = [json.loads(line) for line in club("events", "--json").stdout.splitlines()]
    assert [list(event) for event in events] == [["id", "created_at", "type", "payload"]] * 3
    assert [event["type"] for event in events] == [
        "register_book_v1",
        "reviewer_registered_v1",
        "book_reviewed_v1",
    ]
    assert list(json.loads(events[0]["payload"])) == ["id", "isbn", "title", "author"]


def test_the_last_events_are_read_alone_and_shown_field_by_field(club: Club) -> None:
    for arguments in (DDD, ("reviewer", "Ann"), ANNS_REVIEW):
        club(*arguments)
    events = club("events", "--json").stdout.splitlines()
    assert club("events", "--json", "--last", 2).stdout.splitlines() == events[1:]
    assert club("events", "--json", "--last", 9).stdout.splitlines() == events
    assert club("events", "--last", 0).exit_code == 2
    shown = club("events", "--last", 1).stdout.splitlines()
    assert shown[0].endswith(" UTC  book_reviewed_v1")
    assert [line.split()[0] for line in shown[1:]] == [
        "id",
        "book_id",
        "reviewer_id",
        "rating",
        "comment",
    ]


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (DDD, "0-321-12521-5"),
        (("register", "T", "--author", "A", "--isbn", "123"), "'123' is no ISBN"),
        (("register", " ", "--author", "A", "--isbn", "9780132350884"), "title is missing"),
        (("reviewer", "Ann"), "Ann"),
        (ANNS_REVIEW, "Ann has reviewed 9780321125217 already"),
        (("review", "9780132350884", "--reviewer", "Ann", "--rating", "9"), "9780132350884"),
        (("review", "9780321125217", "--reviewer", "Cid", "--rating", "9"), "Cid"),
        (("review", "9780321125217", "--reviewer", "Ann", "--rating", "11"), "rating 11"),
        (("review", "9780321125217", "--reviewer", "Ann", "--rating", "0"), "rating 0"),
    ],
)
def test_a_command_that_breaks_a_rule_names_the_culprit_and_changes_nothing(
    club: Club, arguments: tuple[str, ...], culprit: str
) -> None:
    for before in (DDD, ("reviewer", "Ann"), ANNS_REVIEW):
        club(*before)
    events = club("events", "--json").stdout

    refused = club(*arguments)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert culprit in refused.stderr
    assert "Traceback" not in refused.stderr
    assert club("events", "--json").stdout == events


@pytest.mark.parametrize(
    "arguments",
    [
        ("lend",),
        ("register", "T"),
        ("review", "9780321125217", "--reviewer", "Ann", "--rating", "many"),
        ("--database", "mysql://localhost/club", "books"),
        ("--database", ":memory:", "books"),
        ("books", "--database", "sqlite:///"),
    ],
)
def test_wrong_usage_is_told_apart(club: Club, arguments: tuple[str, ...]) -> None:
    assert club(*arguments).exit_code == 2


@pytest.mark.parametrize("name", ["x.db", "sqlite:///x.db", "a b#c?d%20.db"])
def test_the_database_is_named_by_a_path_or_a_url_before_or_after_the_command(
    club: Club, folder: Path, name: str
) -> None:
    club("--database", name, *DDD)
    club("--database", name, "reviewer", "Ann")
    assert len(output(club("books", "--json", "--database", name))) == 1
    assert (folder / name.removeprefix("sqlite:///")).exists()


def test_the_option_after_the_command_wins_over_all_others(
    club: Club, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", "sqlite:///from_environment.db")
    club("--database", "before.db", "books", "--database", "after.db")
    assert {path.name for path in folder.glob("*.db")} == {"after.db"}
    club("--database", "before.db", "books")
    club("books")
    assert {path.name for path in folder.glob("*.db")} == {
        "after.db",
        "before.db",
        "from_environment.db",
    }


def test_without_settings_the_database_is_a_file_in_the_working_directory(
    club: Club, folder: Path
) -> None:
    club("books")
    assert [path.name for path in folder.glob("*.db")] == ["reading-club.db"]


@pytest.mark.parametrize("name", ["missing/club.db", "."])
def test_a_database_that_cannot_be_opened_is_named(club: Club, name: str) -> None:
    refused = club("books", "--database", name)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"{name}: unable to open database file" in refused.stderr


def test_a_file_that_is_no_database_is_left_alone(club: Club, folder: Path) -> None:
    (folder / "notes.txt").write_text("no database " * 100)
    refused = club("books", "--database", "notes.txt")
    assert refused.exit_code == 1
    assert "file is not a database" in refused.stderr
    assert (folder / "notes.txt").read_text() == "no database " * 100


def test_tables_show_titles_as_they_are(club: Club, folder: Path) -> None:
    title = "[red]Größe[/red] & “more”"
    printed = club("register", title, "--author", "A", "--isbn", "9780132350884").stdout
    assert printed == f"Registered {title} by A.\n"
    with closing(sqlite3.connect(folder / "reading-club.db")) as connection, connection:
        title = f"{title} \x1b[31m"  # as an earlier release took it
        connection.execute("UPDATE books SET title = ?", (title,))
    shown = "".join(club("books").stdout.split())
    assert "[red]Größe[/red]" in shown
    assert "\x1b" not in club("books").stdout + club("events").stdout
    assert output(club("books", "--json"))[0]["title"] == title


def test_the_tables_of_a_database_are_made_named_and_compared(club: Club, folder: Path) -> None:
    assert club("db", "current").stdout == "reading-club.db has no tables yet.\n"
    assert club("db", "check").exit_code == 1
    assert club("db", "upgrade").stdout.startswith("reading-club.db has its tables now")
    assert "already" in club("db", "upgrade").stdout
    assert "today's" in club("db", "current").stdout
    assert club("db", "check").exit_code == 0

    with closing(sqlite3.connect(folder / "reading-club.db")) as connection:
        connection.execute("DROP TABLE ratings")
    different = club("db", "check")
    assert (different.exit_code, "ratings" in different.stderr) == (1, True)


def test_a_file_of_the_first_release_is_refused_until_it_is_upgraded(
    club: Club, folder: Path
) -> None:
    with closing(sqlite3.connect(folder / "reading-club.db")) as connection:
        connection.executescript(FIRST_RELEASE.read_text())
    refused = club("books")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "run `reading-club db upgrade`" in refused.stderr
    assert "revision 0001" in club("db", "check").stderr
    assert f"from revision 0001 to {REVISION}" in club("db", "upgrade").stdout
    assert [book["title"] for book in output(club("books", "--json"))] == ["Clean Code"]


def test_tables_of_a_later_release_ask_for_that_release(club: Club, folder: Path) -> None:
    club("db", "upgrade")
    with closing(sqlite3.connect(folder / "reading-club.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (["db", "check"], ["db", "upgrade"], ["books"]):
        refused = club(*command)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "revision 9999" in refused.stderr
        assert "install that release" in refused.stderr
        assert "db upgrade`" not in refused.stderr
    assert "install that release" in club("db", "current").stdout


def test_the_first_books_are_shown_and_the_way_to_the_others(club: Club) -> None:
    for title, isbn in (("Clean Code", "9780132350884"), ("Emma", "978-0-14-143958-7")):
        club("register", title, "--author", "A", "--isbn", isbn)
    first = club("books", "--limit", 1)
    assert "Clean Code" in first.stdout
    assert "Emma" not in first.stdout
    assert first.stderr == "These are the first 1; without --limit, all are listed.\n"
    assert len(output(club("books", "--json", "--limit", 2))) == 2
    assert club("books", "--limit", 0).exit_code == 2
