"""A password in the settings is for the database alone."""

import pytest

from reading_club.bootstrap import Settings


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", "postgresql://ann:sesame@there/club")
    settings = Settings()
    assert "sesame" not in repr(settings)
    assert "sesame" in settings.database_url.get_secret_value()
