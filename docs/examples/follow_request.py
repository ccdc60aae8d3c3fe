"""A request to a server of the club, and what its operator sees of it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx2

BOOK = {
    "isbn": "0-321-12521-5",
    "title": "Domain-Driven Design",
    "author": "Eric Evans",
}
REQUEST = {
    "X-Request-ID": "order-7",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
VARYING = ("timestamp", "ms", "span_id")
STAGES = ("handled", "committed", "answered", "published")

Line = Mapping[str, Any]


def main(wanted: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "READING_CLUB_DATABASE_URL": f"{folder}/shelf.db",
            "READING_CLUB_LOG_JSON": "true",
            "READING_CLUB_TRACES": "true",
            "READING_CLUB_METRICS_PORT": str(port),
        }
        with subprocess.Popen(
            [sys.executable, "docs/examples/traced.py", "serve", "--port", "0"],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            log = map(json.loads, server.stderr or ())
            url = next(line["url"] for line in log if "url" in line)
            httpx2.post(f"{url}/books", json=BOOK, headers=REQUEST)
            lines = stages(log)
            metrics = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
            server.terminate()
            spans = [json.loads(each) for each in server.stdout or ()]
    match wanted:
        case "log":
            print(*map(shown, lines), sep="\n")
        case "spans":
            print(
                *tree(spans, above=int(REQUEST["traceparent"][36:52], 16)),
                sep="\n",
            )
        case _:
            print(*counted(metrics), sep="\n")


def stages(log: Iterator[Line]) -> Sequence[Line]:
    """What the log says of the request, once it has said all of it."""
    found: dict[str, Line] = {}
    while len(found) < len(STAGES):
        line = next(log)
        if line["event"] in STAGES:
            found[line["event"]] = line
    return [found[step] for step in STAGES]


def shown(line: Line) -> str:
    """A line without what is another in every run, its names in order."""
    kept = {name: each for name, each in line.items() if name not in VARYING}
    return json.dumps(kept, sort_keys=True)


def tree(spans: Sequence[Line], above: int, indent: str = "") -> Iterator[str]:
    """The spans below one, each below the one that it belongs to."""
    for span in spans:
        if span["above"] == above:
            yield indent + str(span["name"])
            yield from tree(spans, span["id"], indent + "  ")


def counted(metrics: str) -> Iterator[str]:
    """The counts and gauges of the bus, without times."""
    for line in metrics.splitlines():
        name = line.partition("{")[0].partition(" ")[0]
        if name.startswith("messagebus_") and not name.endswith(
            ("_sum", "_bucket", "_created")
        ):
            yield line


if __name__ == "__main__":
    main(sys.argv[1])
