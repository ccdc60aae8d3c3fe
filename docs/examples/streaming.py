"""A Starlette response that is made while it is sent, in one transaction."""

from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from messagebus import (
    AsyncAbstractRepository,
    AsyncAbstractUnitOfWork,
    AsyncMessageBus,
    Command,
    Model,
)


class RegisterBook(Command[str]):
    title: str


class Shelf(AsyncAbstractUnitOfWork):
    def __init__(self) -> None:
        self.books = AsyncAbstractRepository[Model]()

    async def commit(self) -> None:
        print("commit")

    async def rollback(self) -> None:
        print("rollback")


async def register(cmd: RegisterBook, uow: Shelf) -> str:
    return f"{cmd.title} is on the shelf"


bus = AsyncMessageBus()
bus.add_listener(RegisterBook, register)


async def lines(transaction: Shelf, titles: list[str]) -> AsyncIterator[str]:
    try:
        for title in titles:
            answer = await bus.handle(RegisterBook(title=title), transaction)
            yield f"{answer}\n"
        await transaction.commit()
    finally:
        await transaction.close()


async def season(request: Request) -> StreamingResponse:
    titles: list[str] = await request.json()
    async with Shelf() as transaction:
        transaction.detach()
    return StreamingResponse(
        lines(transaction, titles), media_type="text/plain"
    )


app = Starlette(routes=[Route("/season", season, methods=["POST"])])
print(TestClient(app).post("/season", json=["Emma", "Persuasion"]).text)
