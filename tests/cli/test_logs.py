"""The log: one line for each thing that happens, whatever names say."""

import json
import subprocess
import sys

import pytest

NAME = "Ada\n1999-01-01 [info] all is well\r\x1b[2K\x1b[31m\u202e\x9b"
SCRIPT = """
import logging, structlog, sys
from reading_club.entrypoints import logs
logs.configure(json=sys.argv[1] == "json")
name = sys.argv[2].encode().decode("unicode_escape")
structlog.get_logger("club").info("registered", name=name)
logging.getLogger("relay").warning("cannot send %s", name)
structlog.get_logger("club").info(name)
"""
FAILING = """
import logging, structlog, sys
from reading_club.entrypoints import logs
logs.configure(json=sys.argv[1] == "json")
try:
    raise ValueError(sys.argv[2].encode().decode("unicode_escape"))
except ValueError:
    logging.getLogger("relay").exception("cannot send")
    structlog.get_logger("club").exception("failed")
"""


NAMELESS = """
import structlog, sys
from reading_club.entrypoints import logs
logs.configure(json=sys.argv[1] == "json")
structlog.get_logger().info("registered")
"""


def logged(kind: str, script: str = SCRIPT) -> list[str]:
    """What a process writes that logs a name three times, or fails because of it twice."""
    escaped = NAME.encode("unicode_escape").decode()
    ran = subprocess.run(
        [sys.executable, "-c", script, kind, escaped], capture_output=True, text=True, check=True
    )
    assert ran.stdout == ""
    return ran.stderr.split("\n")[:-1]


@pytest.mark.parametrize("kind", ["people", "json"])
def test_a_name_cannot_begin_a_line_nor_move_the_cursor(kind: str) -> None:
    lines = logged(kind)
    assert len(lines) == 3
    for line in lines:
        assert line.isprintable()


def test_json_gives_the_name_back_as_it_was() -> None:
    registered, sent, logged_line = map(json.loads, logged("json"))
    assert registered["name"] == logged_line["event"] == NAME
    assert sent["event"] == f"cannot send {NAME}"
    assert (sent["level"], sent["logger"]) == ("warning", "relay")


def test_a_traceback_for_people_has_no_line_that_looks_like_another_entry() -> None:
    lines = logged("people", FAILING)
    assert [line.split()[3] for line in lines if not line.startswith("    ")] == [
        "cannot",
        "failed",
    ]
    assert sum("1999-01-01 [info] all is well" in line for line in lines) == 2
    for line in lines:
        assert line.isprintable()


def test_a_traceback_in_json_is_within_its_line() -> None:
    sent, failed = map(json.loads, logged("json", FAILING))
    assert sent["event"] == "cannot send"
    for entry in (sent, failed):
        assert f"ValueError: {NAME}" in entry["exception"]


def test_a_logger_without_a_name_logs_under_the_club_s() -> None:
    (line,) = map(json.loads, logged("json", NAMELESS))
    assert (line["event"], line["logger"]) == ("registered", "reading_club")
