"""One command and its event from code that does not await, in three ways."""

import asyncio
import threading
from time import perf_counter

from bench.workers.dispatching import AsyncWire, SyncWire, dispatch, dispatch_async
from bench.workers.ours import open_async, open_sync
from bench.workers.serving import serve


def driven(commands: int) -> float:
    shelf = open_sync(SyncWire())
    start = perf_counter()
    dispatch(shelf, commands)
    return perf_counter() - start


def threaded(commands: int) -> float:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    shelf = open_async(AsyncWire())
    start = perf_counter()
    for _ in range(commands):
        asyncio.run_coroutine_threadsafe(dispatch_async(shelf, 1), loop).result()
    seconds = perf_counter() - start
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    return seconds


def run(commands: int) -> float:
    shelf = open_async(AsyncWire())
    start = perf_counter()
    for _ in range(commands):
        asyncio.run(dispatch_async(shelf, 1))
    return perf_counter() - start


if __name__ == "__main__":
    serve({"driven": driven, "threaded": threaded, "run": run})
