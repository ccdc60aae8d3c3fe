"""The port of whoever watches the bus: logs, spans, metrics."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from messagebus.messages import Message
from messagebus.relay.stream import StreamMessage


class Trail(NamedTuple):
    """A message's id, and how it came to be."""

    message_id: str
    correlation_id: str
    """What all consequences of one command share: what the event store says, or that one's id."""

    causation_id: str | None
    """The message in whose handler this one was raised; `None` for what came from outside."""


@dataclass(slots=True)
class Publication:
    """Messages on their way to the stream."""

    batch: Sequence[StreamMessage]
    """What is sent. An observer may put in its place the same messages with more headers."""

    confirmed: int = 0
    """How many, from the first, the stream has confirmed: known when the publication is over."""


class Observer:
    """Watches; each method is a context manager around what it watches, and watches nothing here.

    An error passes through it, so that the observer can tell a failure from a success. What an
    observer raises itself fails what it watches: it should not.
    """

    def transaction(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch a transaction of a unit of work, known by its class, from beginning to end.

        An error of its block does not pass through: those of its parts do.
        """
        return nullcontext()

    def handle(self, message: Message[Any], trail: Trail) -> AbstractContextManager[object]:
        """Watch a whole `handle`: a command, and all that it gives rise to."""
        return nullcontext()

    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> AbstractContextManager[object]:
        """Watch one handler of one message; `name` is that of its module and function."""
        return nullcontext()

    def commit(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch the commit of a unit of work."""
        return nullcontext()

    def rollback(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch the rollback of a unit of work."""
        return nullcontext()

    def publication(self, publication: Publication) -> AbstractContextManager[object]:
        """Watch a batch that goes to the stream."""
        return nullcontext()

    def traceparent(self) -> str | None:
        """The running span, as W3C Trace Context writes it, to be kept with the messages."""
        return None


def watch_all(watches: Iterable[AbstractContextManager[object]]) -> ExitStack:
    """Enter them in order; leaving the stack leaves them in the reverse."""
    with ExitStack() as watching:
        for each in watches:
            watching.enter_context(each)
        return watching.pop_all()
