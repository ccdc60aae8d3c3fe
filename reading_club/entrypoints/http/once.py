"""A command from a request, handled once however often it is asked for."""

import hashlib
from collections.abc import Callable
from types import EllipsisType
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid5

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from result import Err, Result

from messagebus import Command
from reading_club.adapters.answers import Answer, Claim
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.http.problems import MEDIA_TYPE, REFUSALS, body_of, problem_of

E = TypeVar("E")
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
        self._path: str = request.scope["path"]
        self._key = key

    async def handle(
        self, command: Command[Result[EllipsisType, E]], asked: BaseModel, made: BaseModel
    ) -> Response:
        """Answer 201 with what was made, or the problem that the command's error stands for.

        `asked` is the request's body. Under a key that was used before, the answer is that of then.
        """
        claim = self._claim(asked)
        if claim:
            command = command.model_copy(update={"message_id": command_id(claim.key)})

        async def once(transaction: ClubUnitOfWork) -> Answer:
            transaction.messages.correlation_id = self._request_id
            if claim and (known := await transaction.answers.claim(claim)):
                await transaction.rollback()
                return known
            result: Result[EllipsisType, Any] = await self._club.bus.handle(command, transaction)
            if isinstance(result, Err):
                await transaction.rollback()
                return _refused(result.err_value)
            answer = Answer(201, made.model_dump_json())
            if claim:
                await transaction.answers.settle(claim, answer)
            await transaction.commit()
            self._done()
            return answer

        answer = await self._club.run(once)
        if claim and answer.status != 201:
            answer = await self._keep(claim, answer)
        return Response(answer.body, answer.status, media_type=_media_type(answer))

    def _claim(self, asked: BaseModel) -> Claim | None:
        if self._key is None:
            return None
        content = f"{self._path} {asked.model_dump_json()}"
        return Claim(self._key, hashlib.sha256(content.encode()).hexdigest())

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


def _refused(error: Any) -> Answer:
    refusal = REFUSALS[error]
    return Answer(refusal.status, body_of(problem_of(refusal)))


def _media_type(answer: Answer) -> str:
    return "application/json" if answer.status == 201 else MEDIA_TYPE
