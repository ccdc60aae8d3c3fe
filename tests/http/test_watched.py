"""What operators see of a server: its log, its metrics, its spans."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reading_club.bootstrap import Settings
from tests.http.conftest import EMMA, EVANS
from tests.http.test_served import free_port
from tests.waiting import TIMEOUT

ROOT = Path(__file__).parents[2]
TRACE = "0af7651916cd43dd8448eb211c80319c"
REQUEST = {"X-Request-ID": "order-7", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}

EXPORTING = """
import json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from reading_club.entrypoints.cli import main

def line(span):
    said = {"span": span.name, "id": f"{span.context.span_id:016x}",
        "trace_id": f"{span.context.trace_id:032x}",
        "parent": span.parent and f"{span.parent.span_id:016x}"}
    return json.dumps(said) + "\\n"

provider = TracerProvider()
exporter = ConsoleSpanExporter(out=sys.stderr, formatter=line)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
main()
"""
"""The club in a process whose spans are written among the lines of its log."""

CLUB = (sys.executable, "-m", "reading_club")

Line = Mapping[str, Any]


def environment(settings: Settings, **variables: object) -> Mapping[str, str]:
    own = {
        "PYTHONPATH": ROOT,
        "READING_CLUB_DATABASE_URL": settings.database_url.get_secret_value(),
    }
    return {**os.environ, **{name: str(value) for name, value in (own | variables).items()}}


@contextmanager
def serving(
    settings: Settings, club: Sequence[str] = CLUB, **variables: object
) -> Generator[tuple[Iterator[Line], str], None, None]:
    """The lines of a server's log, as they come, and where it listens."""
    told = {"READING_CLUB_LOG_JSON": True, "READING_CLUB_TRACES": club != CLUB}
    with subprocess.Popen(
        [*club, "serve", "--port", "0"],
        env=environment(settings, **told, **variables),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = map(json.loads, process.stderr)
        killing = threading.Timer(TIMEOUT, process.kill)
        killing.start()
        try:
            yield lines, next(line["url"] for line in lines if "url" in line)
        finally:
            killing.cancel()
            process.terminate()


def test_each_line_of_a_request_has_the_ids_of_request_message_and_cause(
    file_settings: Settings,
) -> None:
    with serving(file_settings) as (lines, url):
        httpx2.post(f"{url}/books", json=EVANS, headers=REQUEST, timeout=TIMEOUT)
        found: dict[str, Line] = {}
        while "published" not in found:
            line = next(lines)
            found[line["event"]] = line
    for event in ("handled", "committed", "answered", "published"):
        assert found[event]["correlation_id"] == "order-7"
    assert found["handled"]["message"] == "RegisterBook"
    assert found["published"]["causation_id"] == found["handled"]["message_id"]


def test_metrics_are_shown_on_a_port_of_their_own(file_settings: Settings) -> None:
    port = free_port()
    with serving(file_settings, READING_CLUB_METRICS_PORT=port) as (lines, url):
        for book in (EVANS, EMMA, EMMA):
            httpx2.post(f"{url}/books", json=book, timeout=TIMEOUT)
        published = 0
        while published < 2:
            published += next(lines)["event"] == "published"
        shown = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT).text
        assert httpx2.get(f"{url}/metrics", timeout=TIMEOUT).status_code == 404
    for sample in (
        'messagebus_handle_seconds_count{message="RegisterBook",outcome="ok"} 3.0',
        '{outcome="ok",step="commit",unit_of_work="ClubUnitOfWork"} 2.0',
        '{outcome="ok",step="rollback",unit_of_work="ClubUnitOfWork"} 1.0',
        'messagebus_published_total{type="register_book_v1"} 2.0',
        "messagebus_outbox_waiting 0.0",
    ):
        assert sample in shown


def test_a_request_is_one_trace_through_endpoint_handler_and_relay(file_settings: Settings) -> None:
    with serving(file_settings, [sys.executable, "-c", EXPORTING]) as (lines, url):
        httpx2.post(f"{url}/books", json=EVANS, headers=REQUEST, timeout=TIMEOUT)
        found: dict[str, Line] = {}
        while "publish register_book_v1" not in found:
            line = next(lines)
            found[line.get("span") or line["event"]] = line
    below = {
        "handle RegisterBook": "transaction ClubUnitOfWork",
        "handler reading_club.service.handlers.book.register_book": "handle RegisterBook",
        "commit ClubUnitOfWork": "transaction ClubUnitOfWork",
        "publish register_book_v1": "handle RegisterBook",
    }
    for name, parent in below.items():
        assert found[name]["parent"] == found[parent]["id"], name
    assert found["POST /books"]["parent"] == REQUEST["traceparent"].split("-")[2]
    for name in (*below, "handled", "committed", "answered"):
        assert found[name]["trace_id"] == TRACE, name


def run_without(module: str, settings: Settings, **variables: object) -> tuple[int, str]:
    """`relay` where a package is not installed: its exit status, and what it said."""
    code = f"import sys; sys.modules[{module!r}] = None; sys.argv[0] = 'reading-club'\n"
    code += "from reading_club.entrypoints.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "relay"],
        env=environment(settings, **variables),
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    ("setting", "value", "module", "extra"),
    [
        ("READING_CLUB_TRACES", "1", "opentelemetry", "messagebus[opentelemetry]"),
        ("READING_CLUB_METRICS_PORT", "1", "prometheus_client", "messagebus[prometheus]"),
    ],
)
def test_a_missing_extra_is_named_with_its_setting(
    file_settings: Settings, setting: str, value: str, module: str, extra: str
) -> None:
    status, output = run_without(module, file_settings, **{setting: value})
    assert status == 1
    assert setting in output
    assert extra in output


def test_a_port_that_is_taken_is_named(file_settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output = run_without("nothing", file_settings, READING_CLUB_METRICS_PORT=port)
    assert status == 1
    assert f"cannot serve metrics at 127.0.0.1:{port}" in output


def test_a_server_that_is_not_asked_to_tell_imports_nothing_for_it(file_settings: Settings) -> None:
    code = """
import asyncio, sys
from reading_club.bootstrap import Settings, open_club
from reading_club.entrypoints.http.server import serve
from reading_club.entrypoints.telemetry import Telemetry
telemetry = Telemetry(Settings())
async def opened():
    async with open_club(Settings(), observers=telemetry.observers) as club, telemetry.shown(club):
        pass
asyncio.run(opened())
assert "prometheus_client" not in sys.modules
assert "messagebus.telemetry.opentelemetry" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], env=environment(file_settings), check=True)
