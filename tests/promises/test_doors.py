from contextvars import ContextVar

from messagebus.doors import drive

language: ContextVar[str] = ContextVar("language", default="en")


async def answer() -> int:
    """A coroutine in which nothing waits."""
    language.set("de")
    return 42


def test_what_never_waits_needs_no_loop() -> None:
    assert drive(answer()) == 42


async def test_nor_does_it_mind_one() -> None:
    assert drive(answer()) == 42


def test_what_it_sets_stays_set() -> None:
    language.set("en")
    drive(answer())
    assert language.get() == "de"
