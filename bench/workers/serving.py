"""The protocol of every worker: it reads a number of commands and prints their seconds."""

import gc
import sys
from collections.abc import Callable, Mapping


def serve(works: Mapping[str, Callable[[int], float]]) -> None:
    """Do the work that the command line names, once for each line of the input.

    Between two lines the worker waits, so that contenders in other processes have their turn.
    """
    work = works[sys.argv[1]]
    for line in sys.stdin:
        gc.collect()
        print(work(int(line)), flush=True)
