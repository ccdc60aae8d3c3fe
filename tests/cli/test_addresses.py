"""A mistyped address may hold a password anywhere: it is refused, and nothing of it is said."""

import traceback

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from messagebus.adapters.sqlalchemy import database_url, shown_url
from reading_club.bootstrap import Settings
from tests.cli.conftest import Club

MISTYPED = [
    "postgresq://ann:sesame@127.0.0.1/club",
    "postgresql//ann:sesame@127.0.0.1/club",
    "postgresql:/ann:sesame@127.0.0.1/club",
    "postgresql:ann:sesame@127.0.0.1/club",
    "postgresql;//ann:sesame@127.0.0.1/club",
    "postgresql: //ann:sesame@127.0.0.1/club",
    "postgresql ://ann:sesame@127.0.0.1/club",
    "postgresql:///ann:sesame@127.0.0.1/club",
    "//ann:sesame@127.0.0.1/club",
    "ann:sesame@127.0.0.1/club",
    "nowhere/sesame@127.0.0.1/club",
    "nowhere//ann:sesame/club",
    "postgresql://ann:sesame",
    "postgresql://ann:sesame/club",
    "postgresql://ann:sesame:127.0.0.1/club",
    "postgresql://ann:sesame 127.0.0.1/club",
    "postgresql://ann/sesame@127.0.0.1/club",
    "postgresql://ann:x@sesame@127.0.0.1/club",
    "postgresql://ann:sesame@x@127.0.0.1/club",
    "postgresql://ann:sesame\N{NO-BREAK SPACE}@127.0.0.1/club",
    "postgresql://ann:sesame\n@127.0.0.1/club",
    "postgresql://ann:sesame\udcff@127.0.0.1/club",
    "postgresql://ann%3Asesame@127.0.0.1/club",
    "postgresql://ann%3Asesame%40127.0.0.1/club",
    "postgresql://ann:sesame@127.0.0.1:port/club",
    "postgresql://ann:sesame@127.0.0.1:-1/club",
    "postgresql://ann:sesame@127.0.0.1:0x1/club",
    "postgresql://ann:sesame@127.0.0.1:99999/club",
    "postgresql://ann:sesame@127.0.0.1:1:2/club",
    "postgresql://ann:sesame@[::1/club",
    "postgresql://ann@127.0.0.1/club?port=sesame",
    "postgresql://ann@127.0.0.1/club&password=sesame",
    "postgresql//ann@127.0.0.1/club?password=sesame",
    "host=127.0.0.1 user=ann password=sesame",
    "jdbc:postgresql://127.0.0.1/club?user=ann&password=sesame",
    "sqlite://ann:sesame@127.0.0.1/club.db",
    "sqlite:/ann:sesame@127.0.0.1/club.db",
    "sqlite:///ann:sesame@127.0.0.1/club.db",
    "sqlite:///nowhere/club.db?password=sesame",
    "file:///ann:sesame@127.0.0.1/club",
    "file:///ann%3Asesame%40127.0.0.1/club",
    "file:///nowhere/club?password=sesame",
    "file://ann:sesame@127.0.0.1/club",
    "redis//ann:sesame@127.0.0.1:6379/0",
    "redis:/ann:sesame@127.0.0.1:6379/0",
    "redis://ann:sesame:x@127.0.0.1:6379/0",
    "redis://ann:x@sesame@127.0.0.1:6379/0",
    "redis://ann:sesame@127.0.0.1:port/0",
    "redis://ann:sesame@127.0.0.1:99999/0",
    "redis://ann:sesame@127.0.0.1:6379/first",
    "redis://ann:sesame@127.0.0.1:6379/0/1",
    "redis://ann:sesame@/0",
    "redis://127.0.0.1:6379/0?password=sesame",
    "redis://127.0.0.1:6379/0?stream=club&stream=sesame",
    "redis://127.0.0.1:6379/0?stream=club&format=sesame",
    "redis://ann:sesame@127.0.0.1:6379/0?stream=",
    "rediss//ann:sesame@127.0.0.1:6379/0",
    "'postgresql://ann:sesame@127.0.0.1/club'",
    "READING_CLUB_DATABASE_URL=postgresql://ann:sesame@127.0.0.1/club",
]


@pytest.mark.parametrize("typed", MISTYPED, ids=ascii)
def test_no_password_of_a_mistyped_address_is_said(
    club: Club, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CLUB_STREAM", typed)
    results = [club("--database", "club.db", "relay", "--once")]
    monkeypatch.delenv("READING_CLUB_STREAM")
    results += [club("--database", typed, "books"), club("books", "--database", typed)]
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", typed)
    results += [club("books"), club("db", "check")]
    for refused in results:
        assert refused.exit_code == 2
        assert "Invalid value for" in refused.stderr
        assert "sesame" not in refused.output


@pytest.mark.parametrize("typed", MISTYPED, ids=ascii)
def test_no_traceback_of_settings_has_a_password(
    typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", typed)
    monkeypatch.setenv("READING_CLUB_STREAM", typed)
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert raised.value.error_count() == 2
    assert "sesame" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    "option", ["password", "pasword", "PASSWORD", "sslpassword", "passfile", "options"]
)
def test_no_option_of_a_url_is_shown(club: Club, option: str) -> None:
    url = f"postgresql://ann@127.0.0.1:1/club?{option}=sesame"
    assert "127.0.0.1:1/club" in shown_url(make_url(url))
    assert "sesame" not in shown_url(make_url(url))
    refused = club("--database", url, "books")
    assert refused.exit_code == 1
    assert "sesame" not in refused.output


@pytest.mark.parametrize(
    "typed",
    [
        ("postgresql://ann:sesame@h/c",),
        ("books", "postgresql://ann:sesame@h/c"),
        ("db", "postgresql://ann:sesame@h/c"),
        ("outbox", "status", "postgresql//ann:sesame@h/c"),
        ("books", "--databse=postgresql://ann:sesame@h/c"),
        ("books", "host=h password=sesame"),
        ("--postgresql://ann:sesame@h/c", "books"),
    ],
    ids=" ".join,
)
def test_no_password_that_stands_without_its_option_is_said(
    club: Club, typed: tuple[str, ...]
) -> None:
    refused = club(*typed)
    assert refused.exit_code == 2
    assert "sesame" not in refused.output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("shelf.db", "shelf.db"),
        ("a folder/shelf.db", "a folder/shelf.db"),
        ("sqlite:////home/ann@there/shelf.db", "/home/ann@there/shelf.db"),
        ("postgresql://ann:s%40same@[::1]:5432/club", "postgresql://ann:***@[::1]:5432/club"),
        (
            "postgresql://ann%40there:x@pg.example/club-1",
            "postgresql://ann%40there:***@pg.example/club-1",
        ),
        ("postgresql+psycopg:///club?host=/run/postgresql", "postgresql+psycopg:///club"),
    ],
)
def test_an_address_that_is_right_is_taken(text: str, shown: str) -> None:
    assert Settings(database_url=SecretStr(text)).database_name == shown


def test_the_password_of_a_url_is_what_its_percent_codes_say() -> None:
    assert database_url("postgresql://ann:s%40same@there/club").password == "s@same"


def test_a_stream_s_address_is_read_by_its_percent_codes() -> None:
    settings = Settings(stream=SecretStr("file:///srv/a%3Fb%23c%20d.jsonl"))
    assert str(settings.stream_place) == "/srv/a?b#c d.jsonl"
    assert Settings(stream=SecretStr("sql")).stream_place is None
    assert Settings(stream=SecretStr("-")).stream_place is None


def test_no_setting_shows_its_address() -> None:
    settings = Settings(
        database_url=SecretStr("postgresql://ann:sesame@there/club"),
        stream=SecretStr("file:///srv/sesame.jsonl"),
    )
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "sesame" not in shown
