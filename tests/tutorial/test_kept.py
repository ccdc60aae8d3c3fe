import pytest
from pydantic import BaseModel

from messagebus import ConfigurationError, Event, MessageBusError, MessageSerializer, Metadata


class Payment(BaseModel):
    amount: int


class Card(Payment):
    last_digits: str


class FeePaid(Event):
    payment: Payment
    metadata: Metadata = Metadata(name="fee_paid", schema_version=1, published=True)


def test_a_payment_by_card_is_not_kept_without_the_card() -> None:
    paid = FeePaid(payment=Card(amount=30, last_digits="4242"))
    with pytest.raises(MessageBusError, match="holds Card, which would be read back as Payment"):
        envelope = MessageSerializer().serialize_message(paid)
        assert "4242" in envelope["payload"]


def test_a_version_that_no_reader_takes_is_refused_with_its_class() -> None:
    with pytest.raises(ConfigurationError, match="no reader takes"):

        class FeeRaised(Event):
            metadata: Metadata = Metadata(name="fee_raised", schema_version=0, published=True)

        assert MessageSerializer().serialize_message(FeeRaised())["type"] != "fee_raised_v0"
