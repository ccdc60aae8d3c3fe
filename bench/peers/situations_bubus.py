"""The output of bubus in the situations of `bench.libraries`."""

import asyncio
import logging

from bubus import BaseEvent, EventBus

from bench.peers.situations import outcome_of, show

logging.disable(logging.CRITICAL)


class Register(BaseEvent[str]):
    title: str


class Unknown(BaseEvent[str]):
    pass


class Registered(BaseEvent[None]):
    title: str


heard: list[str] = []


async def ask(event: BaseEvent[str], second: bool = False) -> object:
    bus = EventBus()

    async def register(command: Register) -> str:
        await bus.dispatch(Registered(title=command.title))
        if command.title == "fails":
            raise RuntimeError("the handler fails")
        return f"kept {command.title}"

    async def other(command: Register) -> str:
        return "the other's answer"

    async def listen(event: Registered) -> None:
        heard.append(event.title)
        if event.title == "listener":
            raise RuntimeError("the listener fails")

    bus.on(Register, register)
    bus.on(Registered, listen)
    if second:
        bus.on(Register, other)
    try:
        done = await bus.dispatch(event)
        if second:
            return f"{len(await done.event_results_list())} answers"
        return await done.event_result(raise_if_none=False)
    finally:
        await bus.stop()


def main() -> None:
    unknown = outcome_of(lambda: asyncio.run(ask(Unknown())))
    twice = outcome_of(lambda: asyncio.run(ask(Register(title="Emma"), second=True)))
    failed = outcome_of(lambda: asyncio.run(ask(Register(title="fails"))))
    hearing = "heard" if "fails" in heard else "not heard"
    listener = outcome_of(lambda: asyncio.run(ask(Register(title="listener"))))
    show(unknown, twice, f"{failed}; its event: {hearing}", listener)


main()
