"""Idempotency keys: a request that is sent again under its key gets the first response.

After the IETF's draft-ietf-httpapi-idempotency-key-header. A store keeps a key and its response in
the transaction of the request's command, so both are committed, or neither. This module is the
port; `messagebus.adapters.sqlalchemy` has a store, `messagebus.adapters.fastapi` uses one.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

from messagebus.errors import MessageBusError


class StoredResponse(NamedTuple):
    """An HTTP response in a store: status, body, and the headers that belong to it."""

    status: int
    body: str = ""
    media_type: str | None = None
    etag: str | None = None
    location: str | None = None


class Reservation(NamedTuple):
    """An idempotency key, and the digest of the request that uses it."""

    key: str
    digest: str


class IdempotencyKeyReusedError(MessageBusError):
    """The key belongs to another request."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the idempotency key {key!r} was used for another request. A key belongs to one "
            "request. Send this request under a key of its own."
        )


class AsyncAbstractIdempotencyStore(ABC):
    """Keeps responses by idempotency key, in the transaction of one unit of work."""

    @abstractmethod
    async def reserve(
        self, reservation: Reservation, response: StoredResponse | None = None
    ) -> StoredResponse | None:
        """Reserve a key; return the response that it already has.

        A new key is kept with `response`, or without one until `complete`. If another transaction
        has just reserved the key, the call waits for its end. Raises `IdempotencyKeyReusedError`
        if the key belongs to a request with another digest.
        """

    @abstractmethod
    async def complete(self, reservation: Reservation, response: StoredResponse) -> None:
        """Keep the response of a key that this transaction has reserved."""
