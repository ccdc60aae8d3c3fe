"""The core's observer, with a method for what goes to the stream."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from messagebus.observers import observer
from messagebus.relay.stream import StreamMessage


@dataclass(slots=True)
class Publication:
    """Messages on their way to the stream."""

    batch: Sequence[StreamMessage]
    """What is sent. An observer may put in its place the same messages with more headers."""

    confirmed: int = 0
    """How many, from the first, the stream has confirmed: known when the publication is over."""


class Observer(observer.Observer):
    """Watches the bus, its transactions and what goes to the stream."""

    def publication(self, publication: Publication) -> AbstractContextManager[object]:
        """Watch a batch that goes to the stream."""
        return nullcontext()
