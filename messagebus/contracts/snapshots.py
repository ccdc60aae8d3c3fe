"""Stored schemas: a file for each type and version that was ever published."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from messagebus.contracts.changes import breakages
from messagebus.contracts.schemas import MessageType, metadata_of, schema_of
from messagebus.contracts.upcasting import Upcasters

_FILE = re.compile(r"(?P<name>.+)_v(?P<version>[0-9]+)\.json")


class Finding(NamedTuple):
    """A difference between a message class and its stored contract."""

    type: str
    breaks: bool
    """Whether readers break; if not, the snapshot is out of date."""

    why: str


def write_snapshots(folder: Path, messages: Sequence[MessageType]) -> None:
    """Store today's schemas; the files of older versions stay unchanged."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in messages:
        text = json.dumps(schema_of(each), indent=2, ensure_ascii=False)
        _file(folder, each).write_text(f"{text}\n", encoding="utf-8")


def check_snapshots(
    folder: Path, messages: Sequence[MessageType], upcasters: Upcasters | None = None
) -> list[Finding]:
    """The contracts in the folder that today's classes break, and the schemas not stored yet."""
    return [
        *(finding for each in messages for finding in _changed(folder, each)),
        *_forgotten(folder, messages, upcasters or Upcasters()),
    ]


def _changed(folder: Path, message: MessageType) -> Iterator[Finding]:
    type_, file, now = metadata_of(message).stream_type, _file(folder, message), schema_of(message)
    if not file.exists():
        yield Finding(type_, False, "is new, and not written down yet.")
        return
    kept = json.loads(file.read_text(encoding="utf-8"))
    version = metadata_of(message).schema_version
    for field, change in breakages(kept, now):
        yield Finding(
            type_,
            True,
            f"{field}: {change}. Undo it, or raise schema_version to {version + 1} and write an "
            f'upcaster, step("{metadata_of(message).name}", {version}).',
        )
    if kept != now and not breakages(kept, now):
        yield Finding(type_, False, "has changed in a way that breaks no reader.")


def _forgotten(
    folder: Path, messages: Sequence[MessageType], upcasters: Upcasters
) -> Iterator[Finding]:
    newest = {metadata_of(each).name: metadata_of(each).schema_version for each in messages}
    for file in sorted(folder.glob("*.json")):
        found = _FILE.fullmatch(file.name)
        if found is None:
            continue
        name, version = found["name"], int(found["version"])
        if name not in newest or newest[name] < version:
            yield Finding(
                file.stem,
                True,
                "was published, and has no class any more. Its stored envelopes cannot be read. "
                f"Keep the class, or delete {file.name} if no envelope is left.",
            )
        elif not upcasters.reaches(name, version, newest[name]):
            yield Finding(
                file.stem,
                True,
                f"cannot be read as version {newest[name]}. Write the upcasters between them, from "
                f'step("{name}", {version}) on.',
            )


def _file(folder: Path, message: MessageType) -> Path:
    return folder / f"{metadata_of(message).stream_type}.json"
