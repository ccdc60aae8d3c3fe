"""The stream's port: publish a batch and hear what was confirmed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from messagebus.errors import MessageBusError


class StreamUnavailableError(MessageBusError):
    """The stream is away, or cannot take anything now; whoever sends tries again later."""


class MessageRejectedError(MessageBusError):
    """The stream will never take one message of a batch, such as one that is too large.

    `confirmed` messages before it were taken; the refused one is the next.
    """

    def __init__(self, message: str, confirmed: int) -> None:
        super().__init__(message)
        self.confirmed = confirmed


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """What travels: the envelope as it was serialised, and what is said about it."""

    envelope: Mapping[str, str]
    """`id`, `created_at`, `type` and `payload`, which no transport may change."""

    headers: Mapping[str, str]
    """`position` in the outbox and `stream_key`."""


class AsyncAbstractStream(ABC):
    """Where published messages go."""

    @abstractmethod
    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Send the messages in order; return how many, from the first, are confirmed.

        Confirmed is what would outlive a crash of the stream. Fewer than all means that the rest
        is to be sent again later. Raises `StreamUnavailableError` where not even the first was
        taken, and `MessageRejectedError` for a message that no later try would bring through.
        """
