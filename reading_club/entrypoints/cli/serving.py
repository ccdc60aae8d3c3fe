"""The HTTP entrypoint, started from the command line."""

import socket
from ipaddress import ip_address

import typer

from messagebus.adapters.typer import exit_with
from reading_club.config import Settings
from reading_club.entrypoints.cli.relaying import run_watched
from reading_club.entrypoints.cli.runner import settings_for
from reading_club.entrypoints.http import server


def serve(
    database: str | None,
    *,
    host: str,
    port: int,
    relay: bool,
    no_authentication: bool,
    log_json: bool,
) -> None:
    """Serve until a signal; elsewhere than on loopback, with tokens, or where told to do without.

    Raises `typer.BadParameter` where others could reach it and nobody would be asked.
    """
    settings = settings_for(database)
    with _listening(host, port) as listening:
        _require_authentication(settings, host, listening, waived=no_authentication)
        run_watched(
            settings,
            lambda club: server.serve(club, listening, with_relay=relay),
            log_json=log_json,
        )


def _require_authentication(
    settings: Settings, host: str, listening: socket.socket, *, waived: bool
) -> None:
    if waived and settings.granted is not None:
        raise typer.BadParameter(
            "READING_CLUB_TOKENS is set: leave out one of the two.",
            param_hint="--no-authentication",
        )
    address = ip_address(listening.getsockname()[0].partition("%")[0])
    if not (waived or address.is_loopback or settings.granted):
        raise typer.BadParameter(
            f"{host} is reached from elsewhere, and everybody there could change what the club "
            "has: set READING_CLUB_TOKENS, or give --no-authentication where something in front "
            "of the server asks who it is.",
            param_hint="--host",
        )


def _listening(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port), family=_family(host), backlog=2048)
    except OSError as error:
        raise exit_with(f"cannot listen at {host}:{port}: {error}") from error
    # asyncio does this for sockets of its own alone; without it each answer takes 40 ms more.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
