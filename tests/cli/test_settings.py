"""Where settings come from: variables, and files for what is secret."""

from pathlib import Path

import pytest

from reading_club.bootstrap import SECRETS_DIR, Settings
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
