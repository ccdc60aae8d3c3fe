"""A command from a request, handled once however often it is asked for."""

import hashlib
from collections.abc import Callable
from enum import Enum
from typing import Annotated, TypeVar
from uuid import UUID, uuid5

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from result import Err, Result

from messagebus import Command
from reading_club.adapters.answers import Answer, Claim
from reading_club.bootstrap import ClubUnitOfWork, ReadingClub
from reading_club.entrypoints.http.problems import MEDIA_TYPE, REFUSALS, body_of, problem_of

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
JSON = "application/json"
IDEMPOTENCY_KEY = "Idempotency-Key"
_KEYS = UUID("5ff9a2ab-6e66-4bd8-9bb4-0ac6a9a1a7f3")

Key = Annotated[
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


class Desk:
    """Where a request's command is handled, under its id and its key."""

    def __init__(self, request: Request, key: str | None) -> None:
        self._club: ReadingClub = request.app.state.club
        self._done: Callable[[], None] = request.app.state.committed
        self._request_id: str = request.state.request_id
        self._method = request.method
        self._path: str = request.scope["path"]
        self._if_match = ", ".join(request.headers.getlist("If-Match"))
        self._actor: str | None = getattr(request.state, "actor", None)
        self._key = key

    async def handle(
        self, command: Command[Result[T, E]], asked: BaseModel, answer_of: Callable[[T], Answer]
    ) -> Response:
        """Answer the handler's value by `answer_of`, or its error by the problem it stands for.

        `asked` is what the request says in its body or query. Under a key that was used before, the
        answer is that of then.
        """
        claim = self._claim(asked)
        if claim:
            command = command.model_copy(update={"message_id": command_id(claim.key)})

        async def once(transaction: ClubUnitOfWork) -> Answer:
            transaction.messages.correlation_id = self._request_id
            if claim and (known := await transaction.answers.claim(claim)):
                await transaction.rollback()
                return known
            result: Result[T, E] = await self._club.bus.handle(command, transaction)
            if isinstance(result, Err):
                await transaction.rollback()
                return _refused(result.err_value)
            answer = answer_of(result.ok_value)
            if claim:
                await transaction.answers.settle(claim, answer)
            await transaction.commit()
            self._done()
            return answer

        answer = await self._club.run(once, actor=self._actor)
        if claim and answer.status >= 400:
            answer = await self._keep(claim, answer)
        return _response(answer)

    def _claim(self, asked: BaseModel) -> Claim | None:
        if self._key is None:
            return None
        parts = [self._path, asked.model_dump_json()]
        if self._method != "POST" or self._if_match:
            # Without these, a key that an earlier release has taken is still known.
            parts = [self._method, self._if_match, *parts]
        if self._actor is not None:
            parts = [self._actor, *parts]
        return Claim(self._key, hashlib.sha256(" ".join(parts).encode()).hexdigest())

    async def _keep(self, claim: Claim, refusal: Answer) -> Answer:
        """Keep a refusal, which changed nothing, in a transaction of its own."""

        async def keep(transaction: ClubUnitOfWork) -> Answer:
            known = await transaction.answers.claim(claim, refusal)
            await transaction.commit()
            return known or refusal

        return await self._club.run(keep)


def command_id(key: str) -> UUID:
    """The id of the command that is given under a key, by which the journal finds it."""
    return uuid5(_KEYS, key)


async def _desk(request: Request, key: Key = None) -> Desk:
    """Awaits nothing, but FastAPI would call a plain function on a thread, which takes longer."""
    return Desk(request, key)


AtDesk = Annotated[Desk, Depends(_desk)]


def created(location: str, made: BaseModel, etag: str | None = None) -> Answer:
    """201: there is something new, and where it is found from now on."""
    return Answer(201, made.model_dump_json(), JSON, etag, location)


def ok(found: BaseModel, etag: str | None = None) -> Answer:
    """200: it is done, and this is how it is now."""
    return Answer(200, found.model_dump_json(), JSON, etag)


def no_content() -> Answer:
    """204: it is done, and there is nothing more to say."""
    return Answer(204)


def _refused(error: Enum) -> Answer:
    refusal = REFUSALS[error]
    return Answer(refusal.status, body_of(problem_of(refusal)), MEDIA_TYPE)


def _response(answer: Answer) -> Response:
    headers = {"ETag": answer.etag, "Location": answer.location}
    given = {name: value for name, value in headers.items() if value is not None}
    return Response(answer.body, answer.status, given, answer.media_type)
