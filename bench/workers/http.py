"""Requests to a server of the club's endpoints: `http DATABASE WAY WHAT AT_ONCE`.

WHAT is `register`, a book for each request, or `page`, twenty books of two hundred. The client is a
few lines over sockets on the other core, so that the server is what is waited for.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from stdnum.ean import calc_check_digit

from bench.workers.databases import empty
from bench.workers.serving import serve

NUMBERS = count()


def request(method: str, path: str, body: object = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def registrations() -> Iterator[bytes]:
    for number in NUMBERS:
        digits = f"978{number:09}"
        isbn = digits + calc_check_digit(digits)
        yield request("POST", "/books", {"isbn": isbn, "title": f"Title {number}", "author": "A"})


def pages() -> Iterator[bytes]:
    while True:
        yield request("GET", "/books?limit=20")


async def ask(port: int, waiting: Iterator[bytes], number: int, at_once: int) -> float:
    """Seconds in which as many clients as asked send so many requests."""
    left = iter(range(number))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in left:
            writer.write(next(waiting))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            await reader.readexactly(length)
            if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
                raise RuntimeError(head.decode())
        writer.close()

    start = perf_counter()
    await asyncio.gather(*(client() for _ in range(at_once)))
    return perf_counter() - start


@contextmanager
def server(database: str, way: str) -> Generator[int, None, None]:
    """The port of a server in a process of its own, on a database of its own."""
    with TemporaryDirectory() as folder, empty(database, Path(folder)) as url:
        command = [sys.executable, "-m", "bench.workers.http_server", way, url]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield int(process.stdout.readline())
            finally:
                process.kill()


def main() -> None:
    database, way, what, at_once = sys.argv[1:]
    with server(database, way) as port:
        if what == "page":
            asyncio.run(ask(port, registrations(), 200, 1))
        waiting = registrations() if what == "register" else pages()
        sys.argv[1:] = [way]
        serve({way: lambda number: asyncio.run(ask(port, waiting, number, int(at_once)))})


if __name__ == "__main__":
    main()
