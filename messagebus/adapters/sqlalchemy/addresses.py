"""Addresses of databases. A wrong one may hold a password, so no error quotes it."""

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SQLITE = "sqlite:///"
_DATABASES = f"write postgresql://HOST/NAME, {SQLITE}PATH, or the path of an SQLite file"
_ESCAPED = "within a name or password, write @ : / ? # % as %40 %3A %2F %3F %23 %25"
_HOST = re.compile(r"[\w.-]*|[0-9a-fA-F:.]+(%\w+)?")
_PASSWORD = re.compile(r":.*@|pass\w*\s*=", re.IGNORECASE | re.DOTALL)
_NO_PLAIN_PATH = re.compile(r"[@:]|^//")
_NO_DATABASE = re.compile(r"[@:/&;=\s]")
_LARGEST_PORT = 65_535


def database_url(text: str) -> URL:
    """Read a URL, or the path of an SQLite file.

    Raises `ValueError`, whose message has nothing of the text but the kind of the database.
    """
    if not text.isprintable():
        raise ValueError(f"it has a character that cannot be printed: {_DATABASES}")
    if "://" not in text or text.startswith(SQLITE):
        url = URL.create("sqlite", database=text.removeprefix(SQLITE))
    else:
        url = _parsed(text)
    backend = url.get_backend_name()
    if backend not in ("postgresql", "sqlite"):
        raise ValueError(f"{url.drivername}:// is no database that can be opened: {_DATABASES}")
    if url.database is None or url.database in ("", ":memory:"):
        raise ValueError(f"it names no file or database that outlives the command: {_DATABASES}")
    if backend == "sqlite":
        _check_file(url, url.database)
        if text == url.database and _NO_PLAIN_PATH.search(text):
            raise ValueError(
                f"it is no URL, and no plain path: {_DATABASES}; before a path with @ : or // "
                f"stands {SQLITE}"
            )
    else:
        _check_server(url, url.database)
    return url


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(f"it is no URL: {_DATABASES}; {_ESCAPED}") from None


def _check_file(url: URL, path: str) -> None:
    if url.host or url.username or _PASSWORD.search(path):
        raise ValueError(f"a file has no host and no password: {_DATABASES}")


def _check_server(url: URL, name: str) -> None:
    ports = [*url.normalized_query.get("port", ())]
    if url.port is not None:
        ports.append(str(url.port))
    if any(not re.fullmatch("[0-9]{1,5}", each) or int(each) > _LARGEST_PORT for each in ports):
        raise ValueError(f"its port is no number up to {_LARGEST_PORT}: {_DATABASES}")
    if (
        not _HOST.fullmatch(url.host or "")
        or ":" in (url.username or "")
        or _NO_DATABASE.search(name)
    ):
        raise ValueError(f"its user, host or database has a sign too many: {_ESCAPED}")
