"""The output of lato in the situations of `bench.libraries`."""

import asyncio

from lato import Application, Command, Event, TransactionContext

from bench.peers.situations import outcome_of, show


class Register(Command):
    title: str


class Unknown(Command):
    pass


class Registered(Event):
    title: str


heard: list[str] = []


def make() -> Application:
    app = Application("shelf")

    @app.handler(Register)
    async def register(command: Register, ctx: TransactionContext) -> str:
        await ctx.publish_async(Registered(title=command.title))
        if command.title == "fails":
            raise RuntimeError("the handler fails")
        return f"kept {command.title}"

    @app.handler(Registered)
    async def listen(event: Registered) -> None:
        heard.append(event.title)
        if event.title == "listener":
            raise RuntimeError("the listener fails")

    return app


def twice() -> object:
    app = make()

    @app.handler(Register)
    async def other(command: Register) -> str:
        return "the other's answer"

    return asyncio.run(app.execute_async(Register(title="Emma")))


def main() -> None:
    app = make()
    unknown = outcome_of(lambda: asyncio.run(app.execute_async(Unknown())))
    failed = outcome_of(lambda: asyncio.run(app.execute_async(Register(title="fails"))))
    hearing = "heard" if "fails" in heard else "not heard"
    listener = outcome_of(lambda: asyncio.run(app.execute_async(Register(title="listener"))))
    show(unknown, outcome_of(twice), f"{failed}; its event: {hearing}", listener)


main()
