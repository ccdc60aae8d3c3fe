"""Readers of the feed, until their input ends: `readers PORT NUMBER AFTER`.

Says when all are connected, and at the end how many events the slowest and the fastest have read.
"""

import asyncio
import sys
from contextlib import suppress

ID = b"\nid: "


async def read(
    port: int, after: int, read_by: list[int], number: int, ready: asyncio.Event
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /events HTTP/1.1\r\nHost: bench\r\nLast-Event-ID: {after}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    read_by[number], rest = 0, b""
    if -1 not in read_by:
        ready.set()
    while part := await reader.read(1 << 16):
        read_by[number] += (rest + part).count(ID)
        rest = (rest + part)[1 - len(ID) :]


async def main(port: int, number: int, after: int) -> None:
    read_by, ready = [-1] * number, asyncio.Event()
    tasks = [asyncio.create_task(read(port, after, read_by, each, ready)) for each in range(number)]
    await ready.wait()
    print("connected", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    print(min(read_by), max(read_by), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
