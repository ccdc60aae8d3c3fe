"""Contracts of published messages: stores their schemas, checks changes, and reads old versions.

After Fowler's tolerant reader: readers ignore fields that they do not know, and rely on the fields
that they know. `python -m messagebus.contracts` checks a package; see its help.
"""

from messagebus.contracts.asyncapi import asyncapi_document
from messagebus.contracts.changes import Breakage, breakages
from messagebus.contracts.reader import (
    MessageReader,
    NewerMessageError,
    UnknownMessageError,
    UnreadableMessageError,
)
from messagebus.contracts.readers import check_reader
from messagebus.contracts.schemas import published_messages, schema_of
from messagebus.contracts.snapshots import Finding, check_snapshots, write_snapshots
from messagebus.contracts.upcasting import Upcasters

__all__ = [
    "Breakage",
    "Finding",
    "MessageReader",
    "NewerMessageError",
    "UnknownMessageError",
    "UnreadableMessageError",
    "Upcasters",
    "asyncapi_document",
    "breakages",
    "check_reader",
    "check_snapshots",
    "published_messages",
    "schema_of",
    "write_snapshots",
]
