"""The HTTP door, opened from the command line."""

import socket

from reading_club.entrypoints.commands.running import settings_for
from reading_club.entrypoints.commands.watched import run_watched
from reading_club.entrypoints.console import refuse
from reading_club.entrypoints.http import server


def serve(database: str | None, *, host: str, port: int, relay: bool, log_json: bool) -> None:
    """Serve until a signal."""
    settings = settings_for(database)
    with _listening(host, port) as listening:
        run_watched(
            database,
            settings,
            lambda club: server.serve(club, settings, listening, with_relay=relay),
            log_json=log_json,
        )


def _listening(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port), family=_family(host), backlog=2048)
    except OSError as error:
        raise refuse(f"cannot listen at {host}:{port}: {error}") from error
    # asyncio does this for sockets of its own alone; without it each answer takes 40 ms more.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
