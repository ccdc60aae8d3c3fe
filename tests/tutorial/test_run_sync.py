from contextvars import ContextVar

from messagebus.variants import run_sync

language: ContextVar[str] = ContextVar("language", default="en")


async def answer() -> int:
    """A coroutine in which nothing waits."""
    language.set("de")
    return 42


def test_a_coroutine_that_never_waits_needs_no_loop() -> None:
    assert run_sync(answer()) == 42


async def test_a_running_loop_does_not_matter() -> None:
    assert run_sync(answer()) == 42


def test_context_variables_stay_set() -> None:
    language.set("en")
    run_sync(answer())
    assert language.get() == "de"
