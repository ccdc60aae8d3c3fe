"""What a consumer has done since its start, for metrics."""

from dataclasses import dataclass


@dataclass(slots=True)
class ConsumerCounts:
    """Numbers of messages, each of which only grows."""

    applied: int = 0
    ignored: int = 0
    """Of an unknown name, or without a handler here."""

    repeated: int = 0
    """Delivered again, and in the inbox already."""

    held: int = 0
    """Held in the inbox: after a failure, behind one of the same key, or at the start."""

    attempts: int = 0
    """Attempts at held messages."""

    dead: int = 0
    """Made a dead letter."""

    lost: int = 0
    """Reports of a stream that it has deleted unacknowledged messages."""

    @property
    def finished(self) -> int:
        """The messages that need nothing more, unless an operator replays them."""
        return self.applied + self.ignored + self.repeated + self.dead
