"""Requests that may be sent again: under its `Idempotency-Key`, a command is handled once."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Protocol, TypeVar
from uuid import UUID, uuid5

from fastapi import Header, Request, Response
from pydantic import BaseModel

from messagebus.adapters.fastapi.headers import header_lines, joined
from messagebus.adapters.fastapi.problems import (
    ProblemError,
    ProblemType,
)
from messagebus.adapters.idempotency import (
    AsyncAbstractIdempotencyStore,
    IdempotencyKeyReusedError,
    Reservation,
    StoredResponse,
)
from messagebus.messages import Message

KEY_REPEATED = ProblemType(400, "key-repeated", "The request has more than one Idempotency-Key.")
KEY_REUSED = ProblemType(422, "key-reused", "This Idempotency-Key was used for another request.")
IDEMPOTENCY_KEY = "Idempotency-Key"
_DESCRIPTIONS = {
    "ETag": "Its version, for `If-Match`.",
    "Location": "Where it is found.",
}
_NAMESPACE = UUID("5ff9a2ab-6e66-4bd8-9bb4-0ac6a9a1a7f3")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=IDEMPOTENCY_KEY,
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="Any text of your own for what you ask: send it again after a broken "
        "connection, and nothing is done twice.",
    ),
]
"""The header, as a parameter of an endpoint or of a dependency; its default is `None`."""


class IdempotentUnitOfWork(Protocol):
    """A unit of work with a store of idempotency keys in its transaction."""

    @property
    def idempotency(self) -> AsyncAbstractIdempotencyStore:
        """The store."""
        ...

    async def commit(self) -> None:
        """Commit the transaction."""
        ...

    async def rollback(self) -> None:
        """Roll the transaction back."""
        ...


TMessage = TypeVar("TMessage", bound=Message[Any])
TUow = TypeVar("TUow", bound=IdempotentUnitOfWork)


class IdempotentRequest:
    """A request with its idempotency key, if it has one.

        async def idempotent(request: Request, key: IdempotencyKey = None) -> IdempotentRequest:
            return IdempotentRequest(request, key)

        @router.post("/parcels", status_code=201)
        async def register(
            body: NewParcel, request: Annotated[IdempotentRequest, Depends(idempotent)]
        ) -> Response:
            async def work(transaction: SqlUnitOfWork) -> StoredResponse:
                parcel = await bus.handle(RegisterParcel(name=body.name), transaction)
                return created(f"/parcels/{parcel.id}", Parcel(name=parcel.name))

            return await request.respond(body, run, work)

    A key belongs to one request: its method, path, content and `If-Match`, and `principal`, the
    one who sends it. Another request under the key is answered 422.
    """

    def __init__(self, request: Request, key: str | None, *, principal: str | None = None) -> None:
        self._request = request
        self._key = key
        self._principal = principal

    def identify(self, command: TMessage) -> TMessage:
        """Give a command the id that belongs to the key: the journal has it once."""
        if self._key is None:
            return command
        return command.model_copy(update={"message_id": command_id(self._key)})

    async def respond(
        self,
        content: BaseModel,
        run: Callable[[Callable[[TUow], Awaitable[StoredResponse]]], Awaitable[StoredResponse]],
        work: Callable[[TUow], Awaitable[StoredResponse]],
    ) -> Response:
        """Run `work` in a unit of work; send its response, or the one that the key already has.

        `content` is what the body or the query says. `run` enters a unit of work and awaits what it
        is given with it, again if the application retries. A response below 400 is committed
        with the work. Any other rolls the work back, and is stored in a transaction of its own.
        """
        reservation = self._reservation(content)

        async def handle(transaction: TUow) -> StoredResponse:
            if reservation and (stored := await transaction.idempotency.reserve(reservation)):
                await transaction.rollback()
                return stored
            response = await work(transaction)
            if response.status >= 400:
                await transaction.rollback()
                return response
            if reservation:
                await transaction.idempotency.complete(reservation, response)
            await transaction.commit()
            return response

        async def store(transaction: TUow) -> StoredResponse:
            assert reservation is not None
            stored = await transaction.idempotency.reserve(reservation, response)
            await transaction.commit()
            return stored or response

        try:
            response = await run(handle)
            if reservation and response.status >= 400:
                response = await run(store)
        except IdempotencyKeyReusedError as error:
            raise ProblemError(KEY_REUSED) from error
        return _response(response)

    def _reservation(self, content: BaseModel) -> Reservation | None:
        if self._key is None:
            return None
        parts = [self._request.scope["path"], content.model_dump_json()]
        if_match = joined(header_lines(self._request.scope).get(b"if-match", ()))
        if self._request.method != "POST" or if_match:
            # Without these, a key that an earlier release has stored is still known.
            parts = [self._request.method, if_match, *parts]
        if self._principal is not None:
            parts = [self._principal, *parts]
        return Reservation(self._key, hashlib.sha256(" ".join(parts).encode()).hexdigest())


def command_id(key: str) -> UUID:
    """The id of the command under a key, by which the journal finds it."""
    return uuid5(_NAMESPACE, key)


def created(location: str, content: BaseModel, etag: str | None = None) -> StoredResponse:
    """201: something is new, and `location` is where it is found."""
    return StoredResponse(201, content.model_dump_json(), "application/json", etag, location)


def ok(content: BaseModel, etag: str | None = None) -> StoredResponse:
    """200: it is done, and `content` is how it is now."""
    return StoredResponse(200, content.model_dump_json(), "application/json", etag)


def no_content() -> StoredResponse:
    """204: it is done, and there is nothing more to say."""
    return StoredResponse(204)


def response_headers(status: int, *names: str) -> dict[int | str, dict[str, Any]]:
    """The headers of a response, `ETag` or `Location`, for an endpoint's `responses`."""
    described = {
        name: {"description": _DESCRIPTIONS[name], "schema": {"type": "string"}} for name in names
    }
    return {status: {"headers": described}}


def _response(stored: StoredResponse) -> Response:
    headers = {"ETag": stored.etag, "Location": stored.location}
    present = {name: value for name, value in headers.items() if value is not None}
    return Response(stored.body, stored.status, present, stored.media_type)
