import json
from decimal import Decimal

from messagebus import Event, MessageSerializer, Metadata


class BookSold(Event):
    price: Decimal
    metadata: Metadata = Metadata(name="book_sold", schema_version=1, published=True)


def test_a_price_comes_back_to_the_cent() -> None:
    sold = BookSold(price=Decimal("19.90"))
    payload = str(MessageSerializer().serialize_message(sold)["payload"])
    assert json.loads(payload) == {"price": "19.90"}
    assert BookSold.model_validate_json(payload) == sold
