"""Addresses of Redis streams. A wrong one may hold a password, so no error quotes it."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

_FORM = "write redis://HOST:PORT/DB?stream=NAME, or rediss:// for TLS"
_SERVER = re.compile(
    r"rediss?://([^\s:@/?#\[\]]*(:[^\s:@/?#\[\]]*)?@)?([\w.-]+|\[[0-9a-fA-F:.]+\])"
    r"(:(?P<port>[0-9]{1,5}))?(/[0-9]{0,5})?"
)
_OPTIONS = {"stream", "format"}


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A server, a stream on it, and the format of the messages that are published there."""

    server: str = field(repr=False)
    """The URL without its query; it may contain a password."""

    stream: str
    format: str


def redis_address(text: str, stream: str) -> RedisAddress:
    """Read `redis://HOST:PORT/DB?stream=NAME`; the default name is `stream`.

    `rediss://` is TLS, whose certificate is checked. `&format=cloudevents` publishes CloudEvents.
    A user and a password come before the host, as `USER:PASSWORD@`. Raises `ValueError`, whose
    message quotes nothing.
    """
    if not text.isprintable():
        raise ValueError(f"it has a character that cannot be printed: {_FORM}")
    server, _, query = text.partition("?")
    found = _SERVER.fullmatch(server)
    if found is None or int(found["port"] or 0) > 65_535:
        raise ValueError(
            f"it is no address of a Redis: {_FORM}; within a name or password, write "
            "@ : / ? # % as %40 %3A %2F %3F %23 %25"
        )
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    if query.count("&") + bool(query) != len(options) or not options.keys() <= _OPTIONS:
        raise ValueError("behind its question mark stand stream and format, each at most once")
    if not (name := options.get("stream", stream)):
        raise ValueError("its stream has no name: write stream=NAME")
    if (format := options.get("format", "json")) not in ("json", "cloudevents"):
        raise ValueError("its format is unknown: write format=json or format=cloudevents")
    return RedisAddress(urlsplit(server).geturl(), name, format)
