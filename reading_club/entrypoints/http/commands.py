"""The command of a request, handled once under its idempotency key."""

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from result import Err, Result

from messagebus import Command
from messagebus.adapters.fastapi import IdempotencyKey, IdempotentRequest, StoredResponse
from reading_club.bootstrap import ClubUnitOfWork, ReadingClub
from reading_club.entrypoints.http.problems import PROBLEMS

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class CommandEndpoint:
    """Handles the command of one request, and answers with what its handler returned."""

    def __init__(self, request: Request, key: str | None) -> None:
        self._club: ReadingClub = request.app.state.club
        self._committed: Callable[[], None] = request.app.state.committed
        self._request_id: str = request.state.request_id
        self._actor: str | None = getattr(request.state, "actor", None)
        self._idempotent = IdempotentRequest(request, key, principal=self._actor)

    async def handle(
        self,
        command: Command[Result[T, E]],
        content: BaseModel,
        response_to: Callable[[T], StoredResponse],
    ) -> Response:
        """Answer the handler's value by `response_to`, or its error by its problem.

        `content` is what the request says in its body or query.
        """
        command = self._idempotent.identify(command)

        async def work(transaction: ClubUnitOfWork) -> StoredResponse:
            result: Result[T, E] = await self._club.bus.handle(command, transaction)
            if isinstance(result, Err):
                return PROBLEMS.problem(result.err_value).stored()
            return response_to(result.ok_value)

        run = partial(self._club.run, actor=self._actor, correlation_id=self._request_id)
        response = await self._idempotent.respond(content, run, work)
        if response.status_code < 400:
            self._committed()
        return response


async def _command_endpoint(request: Request, key: IdempotencyKey = None) -> CommandEndpoint:
    """Awaits nothing, but FastAPI would call a plain function on a thread, which takes longer."""
    return CommandEndpoint(request, key)


Commands = Annotated[CommandEndpoint, Depends(_command_endpoint)]
