"""A consumer's position in a file of lines, and the small file that keeps it. Functions block."""

import logging
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from messagebus.adapters.linefiles import (
    LONGEST_NAME,
    FileIdentity,
    draft_of,
    replace_file,
)
from messagebus.errors import ConfigurationError
from messagebus.relay.stream import LostPositionError

_log = logging.getLogger(__name__)

_COMPARED = 1 << 12
"""The number of bytes in front of a position whose digest identifies its file."""


@dataclass(frozen=True, slots=True)
class LinePosition:
    """The first byte of a line, and the identity of its file with a digest of the bytes before."""

    byte: int
    file: FileIdentity
    compared: int
    sha256: str

    def behind(self, line: bytes) -> "LinePosition":
        """The position at the end of the line that begins here."""
        end = line[-_COMPARED:]
        return LinePosition(self.byte + len(line), self.file, len(end), sha256(end).hexdigest())


_POSITIONS = TypeAdapter(LinePosition)
_NEWLINE = sha256(b"\n").hexdigest()


class PositionFile:
    """A consumer's position, in a small file beside the lines."""

    def __init__(self, path: Path, consumer: str) -> None:
        beside = f"{path.name}.{consumer}.position"
        valid = consumer.isprintable() and Path(consumer).name == consumer
        if not valid or not consumer or len(draft_of(beside).encode()) > LONGEST_NAME:
            raise ConfigurationError(
                f"{consumer!r} cannot name a consumer of {path}. The name is part of the name of "
                f"a file, which has at most {LONGEST_NAME} bytes. Leave out slashes and "
                "unprintable characters."
            )
        self.path = path.with_name(beside)
        self.consumer = consumer
        self._known: bytes | None = None

    def load(self) -> LinePosition | None:
        """The position; `None` if this consumer is new."""
        self._known = content = self._content()
        if content is None:
            return None
        try:
            if content.isdigit():  # Earlier releases wrote the byte alone; a line ends before it.
                return LinePosition(int(content), FileIdentity(0, 0), 1, _NEWLINE)
            return _POSITIONS.validate_json(content)
        except (ValidationError, ValueError) as error:
            raise LostPositionError(
                f"{self.path} is torn and has no position of consumer {self.consumer!r}. Restore "
                "that file, or call begin_anew, which delivers each line again."
            ) from error

    def store(self, position: LinePosition) -> None:
        """Store the position and wait for the disk.

        If another process of this name has stored one meanwhile, that one stays.
        """
        if self._content() not in (None, self._known):
            _log.warning("%s was stored by another process, whose position stays", self.path)
            return
        content = _POSITIONS.dump_json(position)
        replace_file(self.path, content.decode())
        self._known = content

    def _content(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def forget(self) -> None:
        """Delete the position; raise `ConfigurationError` if the consumer is unknown."""
        self.check_known()
        self.path.unlink()

    def check_known(self) -> None:
        """Raise `ConfigurationError` if no such consumer has read from the file."""
        if not self.path.exists():
            raise ConfigurationError(
                f"there is no consumer {self.consumer!r}: {self.path} does not exist. Use the "
                "name with which consume is called."
            )
