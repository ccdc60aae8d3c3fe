"""The envelope on the stream: four keys, and a payload of JSON text."""

import datetime
import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from messagebus import (
    AbstractMessageSerializer,
    AsyncAbstractEventstreamTransport,
    AsyncEventstreamPublisher,
    AsyncSinkholeEventstreamTransport,
    Event,
    Field,
    Message,
    MessageSerializer,
    Metadata,
    SyncAbstractEventstreamTransport,
    SyncEventstreamPublisher,
    SyncSinkholeEventstreamTransport,
)
from tests.messagebus.fakes import Registered, Stream
from tests.messagebus.variants import AsyncVariant, Variant

ID = uuid.UUID("01890000-0000-7000-8000-000000000001")


class BookSold(Event):
    title: str
    book_id: uuid.UUID
    price: Decimal = Decimal("9.50")
    sold_at: datetime.datetime | None = None
    tags: list[str] = Field(default_factory=list)
    metadata: Metadata = Metadata(name="book_sold", schema_version=2, published=True)


@pytest.fixture
def sold() -> BookSold:
    return BookSold(
        message_id=uuid.UUID("01890000-0000-7000-8000-00000000000a"),
        created_at=datetime.datetime(2026, 7, 1, 12, 30, tzinfo=datetime.UTC),
        title="Les Misérables 悲惨",
        book_id=ID,
        tags=["a", "b"],
    )


def test_the_envelope_is_exactly_this(sold: BookSold) -> None:
    assert MessageSerializer().serialize_message(sold) == {
        "id": "01890000-0000-7000-8000-00000000000a",
        "created_at": "2026-07-01T12:30:00+00:00",
        "type": "book_sold_v2",
        "payload": f'{{"title": "Les Misérables 悲惨", "book_id": "{ID}", "price": "9.50", '
        '"sold_at": null, "tags": ["a", "b"]}',
    }


def test_the_keys_stand_in_their_order(sold: BookSold) -> None:
    envelope = MessageSerializer().serialize_message(sold)
    assert list(envelope) == ["id", "created_at", "type", "payload"]


def test_quotes_and_line_breaks_come_back_as_they_were() -> None:
    title = 'a "quoted" \\ title,\nover: two lines\t\x00\u2028'
    payload = MessageSerializer().serialize_message(Registered(title=title))["payload"]
    assert payload == json.dumps({"title": title}, ensure_ascii=False)


def test_an_empty_message_has_an_empty_payload() -> None:
    class Started(Event):
        metadata: Metadata = Metadata(name="started", schema_version=1, published=True)

    assert MessageSerializer().serialize_message(Started())["payload"] == "{}"


async def test_a_publisher_sends_one_message_at_once(variant: Variant, stream: Stream) -> None:
    await variant.run(publisher(variant, stream).send_message(Registered(title="Emma")))
    assert stream.titles == ["Emma"]


class Shout(AbstractMessageSerializer):
    """Another envelope."""

    def serialize_message(self, message: Message[Any]) -> Mapping[str, Any]:
        return {"payload": message.model_dump_json().replace("Emma", "EMMA")}


async def test_a_publisher_may_have_another_serializer(variant: Variant, stream: Stream) -> None:
    shouting = publisher(variant, stream, serializer=Shout())
    await variant.run(shouting.send_message(Registered(title="Emma")))
    assert stream.titles == ["EMMA"]


def publisher(variant: Variant, stream: Any, **options: Any) -> Any:
    if isinstance(variant, AsyncVariant):
        return AsyncEventstreamPublisher(stream, **options)
    return SyncEventstreamPublisher(stream, **options)


async def test_a_sinkhole_takes_everything(variant: Variant) -> None:
    asynchronous = isinstance(variant, AsyncVariant)
    kind = AsyncSinkholeEventstreamTransport if asynchronous else SyncSinkholeEventstreamTransport
    await variant.run(kind().send_message_serialized({"any": "thing"}))


@pytest.mark.parametrize(
    "port",
    [
        AsyncAbstractEventstreamTransport,
        SyncAbstractEventstreamTransport,
        AbstractMessageSerializer,
    ],
)
def test_a_port_cannot_be_used_as_it_is(port: Any) -> None:
    with pytest.raises(TypeError, match="abstract"):
        port()
