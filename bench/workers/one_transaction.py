"""Many commands in one transaction: `one_transaction COMMANDS`, seconds for as many as are asked.

Whole transactions are run, as many as it takes, and the time is what the asked share of them took.
"""

import gc
import sys
from time import perf_counter

from lastuuid import uuid7

from bench.workers.dispatching import RegisterBook, SyncWire, sync_bus
from bench.workers.ours import open_sync
from bench.workers.serving import serve
from bench.workers.without_bus import TEXTS


def transaction_of(size: int) -> float:
    commands = [RegisterBook(id=uuid7(), **TEXTS) for _ in range(size)]
    start = perf_counter()
    with open_sync(SyncWire()) as transaction:
        for command in commands:
            sync_bus.handle(command, transaction)
        transaction.commit()
    return perf_counter() - start


def work(size: int, commands: int) -> float:
    transactions = -(-commands // size)
    seconds = 0.0
    for _ in range(transactions):
        gc.collect()
        seconds += transaction_of(size)
    return seconds * commands / (transactions * size)


if __name__ == "__main__":
    size = int(sys.argv.pop(1))
    serve({"sync": lambda commands: work(size, commands)})
