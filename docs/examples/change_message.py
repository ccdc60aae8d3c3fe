"""A published message that has to change, and those who read it already."""

import json
import tempfile
from pathlib import Path
from typing import Any

from messagebus import Event, Message, MessageSerializer, Metadata
from messagebus.contracts import (
    MessageReader,
    Upcasters,
    check_snapshots,
    write_snapshots,
)


class ParcelSent(Event):
    parcel: str
    kg: float
    metadata: Metadata = Metadata(
        name="parcel_sent", schema_version=1, published=True
    )


class ParcelSentInGrammes(Event):
    parcel: str
    grammes: int
    metadata: Metadata = Metadata(
        name="parcel_sent", schema_version=1, published=True
    )


class ParcelSentAnew(Event):
    parcel: str
    grammes: int
    metadata: Metadata = Metadata(
        name="parcel_sent", schema_version=2, published=True
    )


upcasters = Upcasters()


@upcasters.step("parcel_sent", 1)
def in_grammes(payload: dict[str, Any]) -> dict[str, Any]:
    kg = payload.pop("kg")
    return {**payload, "grammes": round(kg * 1000)}


def check(folder: Path, message: type[Message]) -> None:
    print(f"{message.__name__}:")
    for found in check_snapshots(folder, [message], upcasters):
        print(f"  {found.type} {found.why}")


def main() -> None:
    stored = dict(
        MessageSerializer().serialize_message(ParcelSent(parcel="P-7", kg=2))
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_snapshots(folder, [ParcelSent])
        check(folder, ParcelSentInGrammes)
        check(folder, ParcelSentAnew)
    reader = MessageReader([ParcelSentAnew], upcasters)
    print(f"stored: {json.dumps(stored['payload'])}")
    print(f"read:   {reader.read(stored)!r}")


if __name__ == "__main__":
    main()
