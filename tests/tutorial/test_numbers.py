import math

import pytest
from pydantic import BaseModel, ValidationError

from messagebus import Command


class Parcel(BaseModel):
    kilos: list[float]


class SendParcel(Command[None]):
    parcel: Parcel


def test_a_stored_command_can_be_read_again() -> None:
    with pytest.raises(ValidationError, match="parcel holds inf or NaN"):
        SendParcel.model_validate_json(
            SendParcel(parcel=Parcel(kilos=[1.2, math.nan])).model_dump_json()
        )
