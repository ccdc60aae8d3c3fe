"""Any input ends as applied, ignored or dead letter, one of them, and the next one is applied."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from messagebus.relay import AsyncAbstractStream, Delivery, StreamMessage, encoder_of
from tests.consumer.parts import consumer_of, counted, effects, inbox_of, metadata

GOOD = counted(1).envelope
TEXT = st.text(max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
PAYLOADS = st.dictionaries(st.sampled_from(["key", "n", "other"]), JSON, max_size=3).map(json.dumps)
ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just(GOOD["id"]) | TEXT | JSON,
        "created_at": st.just(GOOD["created_at"]) | TEXT | JSON,
        "type": st.sampled_from(["counted_v1", "counted_v2", "counted_v3", "x_v1"]) | TEXT | JSON,
        "payload": st.just(GOOD["payload"]) | PAYLOADS | TEXT | JSON,
    },
)
HEADERS = st.dictionaries(st.sampled_from(["stream_key", "correlation_id", "traceparent"]), TEXT)
BODIES = st.binary(max_size=60) | ENVELOPES.map(lambda envelope: json.dumps(envelope).encode())
EVENTS = ENVELOPES.map(
    lambda envelope: json.dumps(
        {"specversion": "1.0", "time": GOOD["created_at"], "data": {"key": "k", "n": 1}, **envelope}
    ).encode()
)


def body(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


class Input(AsyncAbstractStream):
    """Delivers these bodies, and acknowledges nothing."""

    def __init__(self, *bodies: tuple[bytes, dict[str, str]]) -> None:
        self._bodies = bodies
        self._acknowledged = 0

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        return 0

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        for each, headers in self._bodies:
            yield Delivery(each, headers, self._acknowledge)
        await asyncio.Event().wait()

    async def _acknowledge(self) -> None:
        self._acknowledged += 1

    async def lag(self, consumer: str) -> int:
        return len(self._bodies) - self._acknowledged


async def outcome(url: str, content: bytes, headers: dict[str, str], trusted: bool) -> list[int]:
    """How many were applied, ignored and dead, of an input and of a good message behind it."""
    database = open_database(url)
    await empty(database)
    event = counted(7, key="good")
    good = encoder_of(None, "/")(event)
    stream = Input((content, headers), (good.body, {**event.headers}))
    consumer = consumer_of(database, stream=stream, trusted=trusted, max_attempts=1)
    await consumer.run_once()
    assert ("good", 7) in await effects(database)
    status = await inbox_of(database).status()
    assert status.waiting == 0
    assert len(await inbox_of(database).dead_letters()) == status.dead == consumer.counts.dead
    await database.close()
    return [consumer.counts.applied, consumer.counts.ignored, consumer.counts.dead]


async def empty(database: AsyncSqlDatabase) -> None:
    await database.create(metadata)
    for table in metadata.sorted_tables:
        await database.run(partial(sa.Connection.execute, statement=table.delete()))


@settings(max_examples=40, deadline=None)
@given(BODIES | EVENTS, HEADERS, st.booleans())
@example(b"[" * 100_000, {}, True)
@example(body(payload="[" * 100_000), {}, True)
@example(body(id="\0"), {}, True)
@example(body(type="x_v1", id="x" * 1000), {"stream_key": "k" * 1000}, True)
@example(body(), {"stream_key": "\0"}, False)
@example(body(), {"correlation_id": "\0" * 1000}, False)
@example(body(payload='{"key": "\\u0000", "n": 1}'), {}, True)
@example(body(payload='{"key": "k", "n": "1"}'), {}, True)
@example(body(payload='{"key": "k", "n": 1180591620717411303424}'), {}, True)
@example(body(payload='{"key": "k", "n": Infinity}'), {}, True)
@example(body()[:-1] + b', "id": "x"}', {}, True)
@example(b"", {"stream_key": "good"}, True)
def test_any_input_ends_in_one_way_and_the_next_message_is_applied(
    content: bytes, headers: dict[str, str], trusted: bool
) -> None:
    if headers.get("stream_key") == "good":
        headers = {}
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'newsletter.db'}"
        applied, ignored, dead = asyncio.run(outcome(url, content, headers, trusted))
    assert (applied - 1) + ignored + dead == 1
