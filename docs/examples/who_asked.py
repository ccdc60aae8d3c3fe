"""A server that asks for tokens, and what answers, log and journal say."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing

import httpx2

TOKENS = """
# name  right  token, by `openssl rand -hex 32`
ada     write  6d0c1b2f7a3e4859b0d1c2e3f4a5968778695a4b3c2d1e0f
board   read   0f1e2d3c4b5a69788796a5f4e3c2d1b09584e3a7f2b1c0d6
"""
ADA, BOARD = (line.split()[2] for line in TOKENS.splitlines()[2:])
BOOK = {"isbn": "0-14-143958-0", "title": "Emma", "author": "Jane Austen"}
CLUB = [sys.executable, "-m", "reading_club"]


def ask(
    client: httpx2.Client, name: str, method: str, token: str | None
) -> None:
    """Print who asks, and the answer's status and challenge."""
    headers = {"Authorization": f"Bearer {token}"} if token else None
    body = BOOK if method == "POST" else None
    answer = client.request(method, "/books", json=body, headers=headers)
    print(f"{name:7} {method:4} /books: {answer.status_code}", end="")
    print(f"  {answer.headers.get('WWW-Authenticate', '')}".rstrip())


def requests(client: httpx2.Client) -> None:
    ask(client, "nobody", "GET", None)
    ask(client, "unknown", "GET", "7" * 32)
    ask(client, "board", "GET", BOARD)
    ask(client, "board", "POST", BOARD)
    ask(client, "ada", "POST", ADA)


def journal(file: str) -> None:
    """Print who asked for each message."""
    query = "SELECT position, kind, type, actor FROM eventstore"
    with closing(sqlite3.connect(file)) as connection:
        for row in connection.execute(query):
            print(*row)


def log(lines: Iterator[Mapping[str, str]]) -> None:
    """Print the lines of the request that was granted a change."""
    for line in lines:
        if line.get("actor") == "ada":
            print(line["event"], f"actor={line['actor']}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/shelf.db"
        with subprocess.Popen(
            [*CLUB, "--database", file, "serve", "--port", "0", "--log-json"],
            env={**os.environ, "READING_CLUB_TOKENS": TOKENS},
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            lines = map(json.loads, server.stderr or ())
            url = next(line["url"] for line in lines if "url" in line)
            with httpx2.Client(base_url=url, timeout=30) as client:
                requests(client)
            server.send_signal(signal.SIGTERM)
            print("\nThe log:")
            log(lines)
        print("\nThe journal:")
        journal(file)


if __name__ == "__main__":
    main()
