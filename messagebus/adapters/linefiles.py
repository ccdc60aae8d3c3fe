"""Files of JSON lines: encoding a message, appending lines, and which files had a name.

A line is `{"envelope": {…}, "headers": {…}}` and ends in a newline.
"""

import json
import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from filelock import FileLock
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from messagebus.adapters.encoding import check_envelope, check_message, decode_json
from messagebus.relay.codec import encode
from messagebus.relay.stream import StreamMessage

_log = logging.getLogger(__name__)

LONGEST_LINE = 1 << 26
"""In bytes. A longer line is neither written nor read, which bounds a reader's memory."""

LONGEST_NAME = 255
"""In bytes: the longest name that each file system in use allows."""

_TAIL = 1 << 12
_LOCK_TIMEOUT = 10.0
_NAMES_KEPT = 1000


class _Content(TypedDict):
    envelope: dict[str, str]
    headers: dict[str, str]


_CONTENT = TypeAdapter(_Content)


def encode_line(message: StreamMessage) -> bytes:
    """Encode the message as a line; raise `ValueError` if it could not be read again."""
    check_message(message)
    content = {"envelope": dict(message.envelope), "headers": dict(message.headers)}
    line = json.dumps(content, ensure_ascii=False).encode() + b"\n"
    _check_length(line)
    return line


def decode_line(line: bytes) -> StreamMessage:
    """Decode the message of a line; the `ValueError` of an invalid line quotes nothing of it."""
    _check_length(line)
    content = decode_json(_CONTENT, line)
    check_envelope(content["envelope"])
    return StreamMessage(content["envelope"], content["headers"])


def line_delivery(line: bytes) -> tuple[bytes, Mapping[str, str]]:
    """The body and the headers of a line: its envelope, or the whole line where it has none."""
    try:
        message = decode_line(line)
    except ValueError:
        return line.removesuffix(b"\n"), {}
    return encode(message).body, message.headers


def _check_length(line: bytes) -> None:
    if len(line) > LONGEST_LINE:
        raise ValueError(f"it has {len(line)} bytes or more; a line has at most {LONGEST_LINE}")


class FileIdentity(NamedTuple):
    """The identity of a file, independent of its name."""

    device: int
    inode: int


def identity_of(found: os.stat_result) -> FileIdentity:
    """The identity of the file that `found` describes."""
    return FileIdentity(found.st_dev, found.st_ino)


def writers_lock(path: Path) -> FileLock:
    """The lock under which lines are written; its holder sees complete lines only."""
    return FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT)


def append_lines(path: Path, lines: bytes) -> None:
    """Append complete lines and wait for the disk; raise `OSError` if they may be lost."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}")
    with writers_lock(path), _opened(path) as file:
        mine = identity_of(os.fstat(file.fileno()))
        if names_in_order(path)[-1:] != [mine]:
            _note_name(path, mine)
        _end_last_line(path, file)
        end = file.seek(0, os.SEEK_END)
        rest = memoryview(lines)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
        if os.fstat(file.fileno()).st_size < end + len(lines) or identity_of(path.stat()) != mine:
            raise OSError("it was truncated or renamed while lines were written")


def names_in_order(path: Path) -> list[FileIdentity]:
    """The files that had this name, in the order of their first write."""
    try:
        words = _names_beside(path).read_text().split()
        return [FileIdentity(*map(int, word.split(":"))) for word in words]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError):
        _log.warning("%s cannot be read, and is written anew", _names_beside(path))
        return []


def draft_of(name: str) -> str:
    """The name of the draft with which this thread replaces a file."""
    return f"{name}.{os.getpid()}-{threading.get_ident()}.new"


def replace_file(path: Path, text: str) -> None:
    """Replace a small file atomically."""
    draft = path.with_name(draft_of(path.name))
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path)


def _note_name(path: Path, file: FileIdentity) -> None:
    kept = [*names_in_order(path), file][-_NAMES_KEPT:]
    replace_file(_names_beside(path), " ".join(f"{each.device}:{each.inode}" for each in kept))


def _names_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.files")


def _opened(path: Path) -> BinaryIO:
    """Open the file to read and append; the folder of a new file is synced first."""
    known = path.exists()
    # Append mode: if another program truncates the file, no hole precedes the next line.
    file = path.open("a+b", buffering=0)
    if not known:
        _sync_folder(path)
    return file


def _end_last_line(path: Path, file: BinaryIO) -> None:
    """End a last line that lacks its newline: a complete message stays, a torn one is cut off."""
    start, end = _end_of_lines(file), file.seek(0, os.SEEK_END)
    if start == end:
        return
    file.seek(start)
    try:
        decode_line(file.read(LONGEST_LINE + 1))
    except ValueError:
        _log.warning(
            "%s, byte %d: the last line is torn; its %d bytes are cut off", path, start, end - start
        )
        file.truncate(start)
    else:
        _log.warning("%s, byte %d: the last line got the newline that it lacked", path, start)
        file.write(b"\n")


def _end_of_lines(file: BinaryIO) -> int:
    """The byte at which the last complete line ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - _TAIL)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _sync_folder(path: Path) -> None:
    if os.name == "nt":
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
