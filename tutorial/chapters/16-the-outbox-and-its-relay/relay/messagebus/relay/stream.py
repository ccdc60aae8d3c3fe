"""The stream's port: publish a batch and return what was confirmed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from messagebus.errors import MessageBusError


class StreamUnavailableError(MessageBusError):
    """The stream is unavailable, or takes no message now; the sender tries again later."""


class MessageRejectedError(MessageBusError):
    """The stream rejects one message of a batch for good, for instance because it is too large.

    The stream has confirmed the `confirmed` messages before it; the next one is rejected.
    """

    def __init__(self, message: str, confirmed: int) -> None:
        super().__init__(message)
        self.confirmed = confirmed


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """A message on the stream: its serialised envelope, and headers about it."""

    envelope: Mapping[str, str]
    """`id`, `created_at`, `type` and `payload`; a transport changes none of them."""

    headers: Mapping[str, str]
    """`position` in the outbox and `stream_key`."""


class AsyncAbstractStream(ABC):
    """Takes published messages."""

    @abstractmethod
    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Send the messages in order; return how many, from the first, are confirmed.

        A confirmed message outlives a crash of the stream. The relay sends the others again.
        Raises `StreamUnavailableError` if the stream took no message, and `MessageRejectedError`
        for a message that it rejects for good.
        """
