"""Any sequence of transactions: what is sent is what was committed, breadth first, in order."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messagebus import Command, Event, Metadata, PublicationError
from tests.messagebus.fakes import Script, Uow
from tests.messagebus.variants import Variant


@dataclass(frozen=True)
class Plan:
    """A message to be raised, and what its handler will raise."""

    published: bool
    children: "tuple[Plan, ...]"


@dataclass(frozen=True)
class Work:
    """A transaction: its commands, how it ends, and where the stream refuses, if it does."""

    commands: tuple[Plan, ...]
    ending: str
    refused_at: int | None


class Start(Command[str]):
    title: str
    plan: Plan


class Told(Event):
    title: str
    plan: Plan


class Spread(Event):
    title: str
    plan: Plan
    metadata: Metadata = Metadata(name="spread", schema_version=1, published=True)


def leaf(published: bool) -> Plan:
    return Plan(published, ())


plans = st.recursive(
    st.builds(leaf, st.booleans()),
    lambda below: st.builds(Plan, st.booleans(), st.lists(below, max_size=3).map(tuple)),
    max_leaves=8,
)
works = st.builds(
    Work,
    st.lists(plans, max_size=3).map(tuple),
    st.sampled_from(["commit", "commit", "rollback", "exception", "fails while handled"]),
    st.none() | st.integers(0, 5),
)


def raised(plan: Plan, title: str) -> list[Told | Spread]:
    return [
        (Spread if child.published else Told)(title=f"{title}.{number}", plan=child)
        for number, child in enumerate(plan.children)
    ]


def breadth_first(plan: Plan, title: str) -> Iterator[tuple[str, bool]]:
    """The titles that come of a command, in order, and whether each is published."""
    generation = [(title, plan, False)]
    while generation:
        raised_events: list[tuple[str, Plan, bool]] = []
        for title, plan, published in generation:
            yield title, published
            raised_events += [
                (each.title, each.plan, each.plan.published) for each in raised(plan, title)
            ]
        generation = raised_events


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(works, max_size=6))
async def test_the_bus_keeps_its_promises_in_any_order(variant: Variant, works: list[Work]) -> None:
    script = Script()
    stream = variant.make_stream(script)
    uow = variant.make_uow(stream)
    bus = variant.make_bus()
    handled: list[str] = []
    fails_at: list[str] = []

    async def go_on(message: Start | Told | Spread, uow: Uow) -> str:
        handled.append(message.title)
        uow.books.add(message.title, *raised(message.plan, message.title))
        if message.title in fails_at:
            raise ZeroDivisionError
        return message.title

    handler = variant.handler(go_on)
    for kind in (Start, Told, Spread):
        bus.add_listener(kind, handler)

    waiting: list[str] = []
    sent: list[str] = []
    kept: list[str] = []
    for number, work in enumerate(works):
        commands = {f"{number}-{index}": plan for index, plan in enumerate(work.commands)}
        expected = [list(breadth_first(plan, title)) for title, plan in commands.items()]
        fails = work.ending == "fails while handled" and expected
        fails_at[:] = [expected[-1][-1][0]] if fails else []
        handled.clear()
        script.failing.clear()
        committed = [each for births in expected for each in births]
        if work.ending == "commit":
            kept += [title for title, _ in committed]
            waiting += [title for title, published in committed if published]
            taken = len(waiting) if work.refused_at is None else work.refused_at
            if waiting[taken:]:
                script.failing[f"send {waiting[taken]}"] = ConnectionError("away")
            sent += waiting[:taken]
            waiting = waiting[taken:]
        refused: int | None = None
        try:
            async with variant.enter(uow) as transaction:
                assert transaction.books.seen == []
                for title, plan in commands.items():
                    answer = await variant.run(
                        bus.handle(Start(title=title, plan=plan), transaction)
                    )
                    assert answer == title
                if work.ending == "commit":
                    await variant.run(transaction.commit())
                elif work.ending == "rollback":
                    await variant.run(transaction.rollback())
                else:
                    raise ZeroDivisionError
        except PublicationError as error:
            refused = error.waiting
        except ZeroDivisionError:
            assert work.ending not in ("commit", "rollback")
        assert refused == (len(waiting) if script.failing else None)
        assert handled == [title for births in expected for title, _ in births]
        assert stream.titles == sent
    script.failing.clear()
    await variant.run(uow.eventstore.publish_eventstream())
    assert stream.titles == [*sent, *waiting]
    assert script.calls.count("commit") == sum(work.ending == "commit" for work in works)
    assert script.calls.count("rollback") == sum(work.ending != "commit" for work in works)
    assert set(kept) <= {dict(message)["title"] for message in uow.kept.kept}


@pytest.mark.parametrize("depth", [0, 1, 5])
def test_the_expectation_itself_goes_breadth_first(depth: int) -> None:
    plan = leaf(True)
    for _ in range(depth):
        plan = Plan(True, (plan, leaf(False)))
    lengths = [title.count(".") for title, _ in breadth_first(plan, "0")]
    assert lengths == sorted(lengths)
    assert len(lengths) == 1 + 2 * depth
