"""What the command line says of a database that it cannot reach: all but the password."""

import pytest

from tests.cli.conftest import Club


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:sesame@127.0.0.1:1/club",
        "postgresql://ann:sesame@nowhere.invalid/club",
        "postgresql://ann:sesame@127.0.0.1/",
        "postgresql://ann:sesame@127.0.0.1:port/club",
        "mysql://ann:sesame@127.0.0.1/club",
    ],
    ids=["nobody listens", "unknown host", "no database", "no port", "unknown kind"],
)
@pytest.mark.parametrize("command", ["books", "db"])
def test_no_password_is_printed(
    club: Club, url: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("db", "current") if command == "db" else (command,)
    for refused in (club("--database", url, *arguments), club(*arguments, "--database", url)):
        assert refused.exit_code in (1, 2)
        assert refused.stderr
        assert "sesame" not in refused.output
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", url)
    refused = club(*arguments)
    assert refused.exit_code in (1, 2)
    assert "sesame" not in refused.output + club("--help").output
