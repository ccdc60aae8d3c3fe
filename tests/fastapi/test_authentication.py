"""A request needs a known token, and the application learns whom it names."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from fastapi import FastAPI, Request

from messagebus.adapters.fastapi import TokenAuthentication
from messagebus.adapters.tokens import Tokens
from tests.fastapi.conftest import PROBLEMS, application, client_of, problem

ANN, BOARD = {"Authorization": f"Bearer {'a' * 32}"}, {"Authorization": f"Bearer {'b' * 32}"}
TOKENS = Tokens(f"ann write {'a' * 32}, board read {'b' * 32}")


def depot(entered: list[str]) -> FastAPI:
    app = application()

    @contextmanager
    def context(actor: str) -> Generator[None, None, None]:
        entered.append(f"{actor} enters")
        yield
        entered.append(f"{actor} leaves")

    @app.post("/parcels")
    async def register(request: Request) -> Sequence[str]:
        return [*entered, request.state.actor]

    app.add_middleware(TokenAuthentication, tokens=TOKENS, problems=PROBLEMS, context=context)
    return app


async def test_an_endpoint_finds_its_actor_and_runs_within_the_actor_s_context() -> None:
    entered: list[str] = []
    async with client_of(depot(entered)) as client:
        response = await client.post("/parcels", headers=ANN)
    assert response.json() == ["ann enters", "ann"]
    assert entered == ["ann enters", "ann leaves"]


async def test_a_request_without_a_grant_does_not_reach_the_endpoint() -> None:
    entered: list[str] = []
    async with client_of(depot(entered)) as client:
        assert problem(await client.post("/parcels"))["type"] == "unauthenticated"
        assert entered == []
        refused = await client.post("/parcels", headers=BOARD)
    assert problem(refused)["type"] == "read-only-token"
