"""A server of the club on a free port, and what it is asked."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping

import httpx2

BOOK = {
    "isbn": "0-321-12521-5",
    "title": "Domain-Driven Design",
    "author": "Eric Evans",
}
KEY = {"Idempotency-Key": "shelf-2026-11-27-1"}


def ask(
    client: httpx2.Client,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> httpx2.Response:
    """Print a request and its answer."""
    print(f"> {method} {path}")
    for name, value in (headers or {}).items():
        print(f"> {name}: {value}")
    if body is not None:
        print(f"> {json.dumps(body)}")
    answer = client.request(method, path, json=body, headers=headers)
    media_type = answer.headers.get("content-type", "")
    print(f"< {answer.status_code} {media_type}".rstrip())
    if "etag" in answer.headers:
        print(f"< ETag: {answer.headers['etag']}")
    print(f"< {answer.text}\n" if answer.text else "")
    return answer


def read(client: httpx2.Client, behind: str) -> None:
    """Print the feed's next event behind another."""
    print(f"> GET /events\n> Last-Event-ID: {behind}")
    headers = {"Last-Event-ID": behind}
    with client.stream("GET", "/events", headers=headers) as answer:
        print(f"< {answer.status_code} {answer.headers['content-type']}")
        for line in answer.iter_lines():
            if not line:
                return
            print(f"< {line}")


def session(client: httpx2.Client) -> None:
    ask(client, "POST", "/books", BOOK, KEY)
    ask(client, "POST", "/books", BOOK, KEY)
    ask(client, "POST", "/books", {**BOOK, "title": "Another"}, KEY)
    ask(client, "POST", "/books", {**BOOK, "isbn": "0-321-12521-6"})
    ask(client, "GET", "/books?limit=1")
    read(client, "0")


def serve(session: Callable[[httpx2.Client], None]) -> None:
    """Serve an empty club as long as the session lasts."""
    with tempfile.TemporaryDirectory() as folder:
        club = [sys.executable, "-m", "reading_club"]
        command = [*club, "--database", f"{folder}/shelf.db", "serve"]
        with subprocess.Popen(
            [*command, "--port", "0", "--log-json"],
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            log = iter(server.stderr or ())
            url = next(json.loads(line)["url"] for line in log if "url" in line)
            with httpx2.Client(base_url=url, timeout=30) as client:
                session(client)
            server.send_signal(signal.SIGTERM)
            assert list(log)


if __name__ == "__main__":
    serve(session)
