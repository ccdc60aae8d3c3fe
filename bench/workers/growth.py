"""The whole process's memory while the bus handles commands: `growth VARIANT COMMANDS...`.

Half of the commands go through one lasting unit of work, half each through a new one. What the
work itself keeps, rows and sent messages, is thrown away every thousand.
"""

import asyncio
import os
import sys
from pathlib import Path

from bench.workers.dispatching import AsyncWire, SyncWire, dispatch, dispatch_async
from bench.workers.ours import open_async, open_sync

HALF = 500


def resident() -> float:
    """Megabytes of this process that are in memory now: Linux tells them by /proc."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def thousand_async() -> None:
    wire = AsyncWire()
    await dispatch_async(open_async(wire), HALF)
    for _ in range(HALF):
        await dispatch_async(open_async(wire), 1)


def thousand() -> None:
    wire = SyncWire()
    dispatch(open_sync(wire), HALF)
    for _ in range(HALF):
        dispatch(open_sync(wire), 1)


async def report(variant: str, marks: list[int]) -> None:
    handled = 0
    for mark in marks:
        while handled < mark:
            if variant == "async":
                await thousand_async()
            else:
                thousand()
            handled += 2 * HALF
        print(resident(), flush=True)


if __name__ == "__main__":
    asyncio.run(report(sys.argv[1], [int(mark) for mark in sys.argv[2:]]))
