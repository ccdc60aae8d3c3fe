"""Contenders in processes of their own, timed in turn, and compared within each round.

A machine is never equally fast for a minute. Within one round it nearly is, so a ratio is
computed in each round, and the median over the rounds is what counts. Two processes of one program
differ, too: hence more than one run, each with processes of its own.
"""

import contextlib
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from bench.environments import Command

WARM_UP = 2
"""Rounds that are run but not counted."""

ENOUGH = 40
"""Commands to find out how fast a contender is."""


@dataclass(frozen=True)
class Contender:
    """A worker's command, and the contender that its seconds are divided by."""

    name: str
    against: str
    command: Command


@dataclass(frozen=True)
class Plan:
    """How many rounds there are, and how long a turn takes in each."""

    rounds: int
    seconds: float


@dataclass(frozen=True)
class Spread:
    """The median of some measurements, and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


class Worker:
    """A contender's process, which waits for its turn."""

    def __init__(self, contender: Contender, seconds: float) -> None:
        self.contender = contender
        self.process = subprocess.Popen(
            contender.command.arguments,
            env=contender.command.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask(ENOUGH)
        self.commands = max(10, int(seconds * ENOUGH / self._ask(ENOUGH)))

    def turn(self) -> float:
        """Seconds for each command in this round."""
        return self._ask(self.commands) / self.commands

    def _ask(self, commands: int) -> float:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError(f"the worker {self.contender.name} was started without its pipes")
        with contextlib.suppress(BrokenPipeError):
            stdin.write(f"{commands}\n")
            stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise RuntimeError(
                f"the worker {self.contender.name} ended instead of answering; a worker answers "
                "each line with seconds: read its traceback above, or type 10 into "
                f"{' '.join(self.contender.command.arguments)}"
            )
        return float(answer)

    def end(self) -> None:
        """Let the process end by closing its input."""
        self.process.communicate()


def run_rounds(contenders: Sequence[Contender], plan: Plan) -> Sequence[Mapping[str, float]]:
    """Seconds for each command by the contender's name, round by round."""
    with contextlib.ExitStack() as stack:
        workers: list[Worker] = []
        for contender in contenders:
            worker = Worker(contender, plan.seconds)
            stack.callback(worker.end)
            workers.append(worker)
        turns = [
            {worker.contender.name: worker.turn() for worker in workers}
            for _ in range(WARM_UP + plan.rounds)
        ]
    return turns[WARM_UP:]


def ratios(
    contenders: Sequence[Contender], rounds: Sequence[Mapping[str, float]]
) -> dict[str, Spread]:
    """Each contender's seconds divided, round by round, by those of the one it is held against."""
    return {
        each.name: Spread.of([turn[each.name] / turn[each.against] for turn in rounds])
        for each in contenders
    }
