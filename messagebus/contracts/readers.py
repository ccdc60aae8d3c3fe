"""A reader's side of a contract: its own classes against the schemas that a writer publishes."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from messagebus.contracts.changes import breakages
from messagebus.contracts.schemas import MessageType, Schema, metadata_of, schema_of
from messagebus.contracts.snapshots import Finding


def check_reader(folder: Path, messages: Sequence[MessageType]) -> list[Finding]:
    """The fields on which a reader's classes rely, and which the writer's contracts don't promise.

    `folder` has the writer's contracts, a file for each type and version. A class may have fewer
    fields than its contract. Each field that it requires must be required there, and have a type
    that the class accepts.
    """
    return [finding for each in messages for finding in _findings(folder, each)]


def _findings(folder: Path, message: MessageType) -> Iterator[Finding]:
    type_ = metadata_of(message).stream_type
    file = folder / f"{type_}.json"
    if not file.is_file():
        yield Finding(type_, True, f"is not published: there is no {file}.")
        return
    contract, reads = json.loads(file.read_text(encoding="utf-8")), schema_of(message)
    needed: Sequence[str] = reads.get("required", ())
    promised = [each for each in needed if each in contract.get("required", ())]
    for name in needed:
        if name not in contract.get("properties", {}):
            yield Finding(type_, True, f"{name}: the reader requires it, and no writer sends it.")
        elif name not in promised:
            yield Finding(type_, True, f"{name}: the reader requires it, and it may be missing.")
    for field, change in breakages(_only(contract, promised), _only(reads, promised)):
        if not change.startswith("widened"):
            yield Finding(type_, True, f"{field}: the writer's and the reader's differ: {change}.")


def _only(schema: Schema, fields: Sequence[str]) -> dict[str, Any]:
    """The schema of these fields alone."""
    properties = {name: schema["properties"][name] for name in fields}
    return {**schema, "properties": properties, "required": sorted(fields)}
