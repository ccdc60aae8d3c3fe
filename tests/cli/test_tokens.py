"""Tokens as the settings have them, and whom the journal names for a command of the shell."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from messagebus.adapters.tokens import Grant, Tokens
from reading_club.config import Settings
from tests.cli.conftest import Club

ANN, BOB = "AnnsToken-0123456789~+/=", "b" * 32


def test_each_token_names_somebody_and_what_they_may() -> None:
    tokens = Tokens(f"# who may\n\nann write {ANN}, bob\tread  {BOB}\n")
    assert tokens.grant_of(ANN) == Grant("ann", changes=True)
    assert tokens.grant_of(BOB) == Grant("bob", changes=False)
    assert tokens.grant_of(BOB + "b") is None
    assert tokens.grant_of("grün") is None


def test_somebody_may_have_a_new_token_before_the_old_one_goes() -> None:
    tokens = Tokens(f"ann write {ANN}\nann write {BOB}")
    assert tokens.grant_of(ANN) == tokens.grant_of(BOB) == Grant("ann", changes=True)


def test_without_an_entry_nobody_is_asked() -> None:
    assert Settings(tokens=SecretStr("# nobody yet\n")).granted is None
    assert Settings().granted is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"ann {ANN}", "entry 1 is none"),
        (f"bob read {BOB}\nann admin {ANN}", "entry 2 is none"),
        (f"ann:write {ANN}", "entry 1 is none"),
        (f"a\x1bnn write {ANN}", "entry 1 is none"),
        (f"ann write {ANN}ü", "entry 1 is none"),
        ("ann write AnnsToken", "the token of entry 1 can be guessed"),
        (f"ann write {ANN}\nbob read {ANN}", "entry 2 has a token of another entry"),
    ],
)
def test_a_wrong_entry_is_named_by_its_number_and_no_token_is_shown(
    club: Club, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    monkeypatch.setenv("READING_CLUB_TOKENS", text)
    refused = club("books")
    assert refused.exit_code == 2
    assert "READING_CLUB_TOKENS" in refused.stderr
    assert reason in " ".join(refused.stderr.split())
    assert "AnnsToken" not in refused.output
    assert BOB not in refused.output


def test_the_journal_names_the_user_of_the_operating_system(club: Club, folder: Path) -> None:
    (folder / "books.csv").write_text("isbn,title,author\n9780132350884,Clean Code,R. Martin\n")
    club("reviewer", "Ada")
    assert club("import", "books.csv").exit_code == 0
    with closing(sqlite3.connect(folder / "reading-club.db")) as connection:
        found = connection.execute("SELECT actor FROM eventstore").fetchall()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert found[0][0].startswith("os:")
