"""Where settings come from: variables, and files for what is secret."""

from pathlib import Path

import pytest

from reading_club.config import SECRETS_DIR, Settings
from tests.cli.conftest import Club


@pytest.fixture
def secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = folder / "secrets"
    made.mkdir()
    monkeypatch.setenv(SECRETS_DIR, str(made))
    return made


def test_a_secret_may_lie_in_a_file(secrets: Path, club: Club) -> None:
    secrets.joinpath("reading_club_database_url").write_text("of-a-file.db\n")
    assert "of-a-file.db has no tables" in club("db", "current").stdout
    assert "of-a-file" not in repr(Settings())


def test_a_variable_comes_before_a_file(
    secrets: Path, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.joinpath("reading_club_database_url").write_text("of-a-file.db")
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", "of-a-variable.db")
    assert "of-a-variable.db" in club("db", "current").stdout


def test_a_folder_of_secrets_that_is_none_is_named(
    folder: Path, secrets: Path, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.joinpath("reading_club_database_url").write_bytes(b"\xff")
    unreadable = club("db", "current")
    monkeypatch.setenv(SECRETS_DIR, str(folder / "file"))
    (folder / "file").touch()
    for refused in (unreadable, club("db", "current")):
        assert refused.exit_code == 2
        assert SECRETS_DIR in refused.output


def test_a_wrong_secret_is_refused_without_its_content(secrets: Path, club: Club) -> None:
    secrets.joinpath("reading_club_database_url").write_text("mysql://ann:sesame@there/club")
    refused = club("db", "current")
    assert refused.exit_code == 2
    assert "sesame" not in refused.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETENTION_DAYS", "1e9"),
        ("RETENTION_DAYS", "nan"),
        ("STATEMENT_TIMEOUT", "inf"),
        ("METRICS_PORT", "65536"),
        ("POOL_SIZE", "1"),
    ],
)
def test_a_number_that_no_clock_and_no_port_can_be_is_refused(
    club: Club, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"READING_CLUB_{name}", value)
    refused = club("books")
    assert refused.exit_code == 2
    assert f"READING_CLUB_{name}" in refused.stderr


def test_a_wrong_database_is_blamed_on_where_it_came_from(
    secrets: Path, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.joinpath("reading_club_database_url").write_text("mysql://there/club")
    of_a_file = club("books")
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", "mysql://there/club")
    of_a_variable = club("books")
    typed = club("books", "--database", "mysql://there/club")
    for refused in (of_a_file, of_a_variable, typed):
        assert refused.exit_code == 2
        assert "is no database" in refused.stderr
    assert "secrets/reading_club_database_url" in of_a_file.stderr
    assert "READING_CLUB_DATABASE_URL" in of_a_variable.stderr
    assert "--database" not in of_a_file.stderr + of_a_variable.stderr
    assert "READING_CLUB_DATABASE_URL" not in typed.stderr
    assert "--database" in typed.stderr


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("READING_CLUB_DATABASE_ULR", "READING_CLUB_DATABASE_URL"),
        ("reading_club_log_levle", "READING_CLUB_LOG_LEVEL"),
        ("READING_CLUB_SECRET_DIR", "READING_CLUB_SECRETS_DIR"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_nearest_setting(
    club: Club, monkeypatch: pytest.MonkeyPatch, variable: str, meant: str
) -> None:
    monkeypatch.setenv(variable, "sesame")
    monkeypatch.setenv("READING_CLUB_REQUIRE_ALL", "1")
    listed = club("books", "--json")
    assert listed.stderr == f"{variable} is no setting and is ignored: is it {meant}?\n"
    assert (listed.exit_code, listed.stdout) == (0, "[]\n")


def test_every_wrong_setting_is_named(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READING_CLUB_POOL_SIZE", "one")
    monkeypatch.setenv("READING_CLUB_LOG_LEVEL", "loud")
    output = " ".join(club("books").stderr.split())
    assert "READING_CLUB_POOL_SIZE: Input should be a valid integer" in output
    assert "READING_CLUB_LOG_LEVEL: Input should be 'debug'" in output


def test_a_folder_of_secrets_that_is_missing_is_named(
    folder: Path, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRETS_DIR, str(folder / "missing"))
    refused = club("books")
    assert refused.exit_code == 2
    assert SECRETS_DIR in refused.stderr
    assert "there is no folder" in refused.stderr
    assert not (folder / "reading-club.db").exists()


def test_an_empty_database_is_wrong_usage_and_no_other_one_is_taken(
    folder: Path, club: Club
) -> None:
    for refused in (club("--database", "", "books"), club("books", "--database", "")):
        assert refused.exit_code == 2
        assert "--database" in refused.stderr
        assert "it is empty" in refused.stderr
    assert not (folder / "reading-club.db").exists()
