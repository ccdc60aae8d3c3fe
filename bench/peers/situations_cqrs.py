"""The output of python-cqrs in the situations of `bench.libraries`."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import cqrs
import di
from cqrs.bootstrap.requests import bootstrap
from cqrs.models.pydantic import PydanticDomainEvent, PydanticRequest, PydanticResponse

from bench.peers.situations import outcome_of, show

logging.disable(logging.CRITICAL)


class Kept(PydanticResponse):
    title: str


class Register(PydanticRequest[Kept]):
    title: str


class Unknown(PydanticRequest[None]):
    pass


class Registered(PydanticDomainEvent, frozen=True):
    title: str


heard: list[str] = []


class RegisterHandler(cqrs.RequestHandler[Register, Kept]):
    def __init__(self) -> None:
        self.raised: list[Registered] = []

    @property
    def events(self) -> Sequence[Registered]:
        return self.raised

    async def handle(self, request: Register) -> Kept:
        self.raised.append(Registered(title=request.title))
        if request.title == "fails":
            raise RuntimeError("the handler fails")
        return Kept(title=request.title)


class Other(cqrs.RequestHandler[Register, Kept]):
    @property
    def events(self) -> Sequence[Registered]:
        return []

    async def handle(self, request: Register) -> Kept:
        return Kept(title="the other's answer")


class Listen(cqrs.EventHandler[Registered]):
    async def handle(self, event: Registered) -> None:
        heard.append(event.title)
        if event.title == "listener":
            raise RuntimeError("the listener fails")


def make(*handlers: Any) -> Any:
    def commands(requests: Any) -> None:
        for handler in handlers:
            requests.bind(Register, handler)

    return bootstrap(
        di_container=di.Container(),
        commands_mapper=commands,
        domain_events_mapper=lambda events: events.bind(Registered, Listen),
    )


def main() -> None:
    mediator = make(RegisterHandler)
    unknown = outcome_of(lambda: asyncio.run(mediator.send(Unknown())))
    twice = outcome_of(
        lambda: asyncio.run(make(RegisterHandler, Other).send(Register(title="Emma")))
    )
    failed = outcome_of(lambda: asyncio.run(mediator.send(Register(title="fails"))))
    hearing = "heard" if "fails" in heard else "not heard"
    listener = outcome_of(lambda: asyncio.run(mediator.send(Register(title="listener"))))
    show(unknown, twice, f"{failed}; its event: {hearing}", listener)


main()
