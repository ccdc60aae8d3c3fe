"""Reads an envelope of any version as a message of today's class."""

import re
from collections.abc import Iterable, Mapping

from pydantic_core import from_json

from messagebus.contracts.schemas import MessageType, metadata_of
from messagebus.contracts.upcasting import Upcasters
from messagebus.errors import ConfigurationError, MessageBusError
from messagebus.messages import Message
from messagebus.serialization.roundtrip import read_message

_TYPE = re.compile(r"(?P<name>.+)_v(?P<version>[0-9]{1,9})", re.DOTALL)


class UnknownMessageError(MessageBusError):
    """The reader has no class of that name; a context knows only some messages of its stream."""


class NewerMessageError(MessageBusError):
    """The reader knows the name, but only earlier versions; a later release can read it."""


class UnreadableMessageError(MessageBusError):
    """The envelope or its payload breaks the rules of its type."""


class MessageReader:
    """Reads envelopes of the given classes, and of their earlier versions by upcasters."""

    def __init__(self, messages: Iterable[MessageType], upcasters: Upcasters | None = None) -> None:
        self._upcasters = upcasters or Upcasters()
        self._newest: dict[str, MessageType] = {}
        for each in messages:
            name = metadata_of(each).name
            known = self._newest.setdefault(name, each)
            if known is not each:
                raise ConfigurationError(
                    f"{known.__qualname__} and {each.__qualname__} are both {name!r} on the "
                    "stream. A reader reads each name as one class. Leave the class of the newest "
                    "version."
                )

    def read(self, envelope: Mapping[str, str]) -> Message:
        """The message, with its own id and time.

        Raises `UnknownMessageError` for an unknown name, `NewerMessageError` for a later version,
        `UnreadableMessageError` if the class or an upcaster rejects the payload (`__cause__` is the
        error), and `ConfigurationError` if an upcaster is missing.
        """
        try:
            type_, payload = envelope["type"], envelope["payload"]
            id_, created_at = envelope["id"], envelope["created_at"]
            found = _TYPE.fullmatch(type_)
        except KeyError as error:
            why = f"it lacks {error}. An envelope has id, created_at, type and payload"
            raise _unreadable(envelope, why) from error
        except Exception as error:
            raise _unreadable(envelope, "it is no mapping, or its type is no text") from error
        kind, version = self._known(type_, found)
        name, newest = metadata_of(kind).name, metadata_of(kind).schema_version
        try:
            content = from_json(payload)
            if not isinstance(content, dict):
                raise TypeError("its payload is no JSON object")
            content = self._upcasters.upcast(name, version, newest, content)
            return read_message(kind, content, id_, created_at)
        except ConfigurationError:
            raise
        except Exception as error:
            raise _unreadable(envelope, f"{type(error).__name__}: {error}") from error

    def _known(self, type_: str, found: re.Match[str] | None) -> tuple[MessageType, int]:
        kind = self._newest.get(found["name"]) if found else None
        if found is None or kind is None:
            raise UnknownMessageError(
                f"{type_!r} is unknown to this reader, which knows "
                f"{', '.join(sorted(self._newest)) or 'none'}."
            )
        version = int(found["version"])
        newest = metadata_of(kind).schema_version
        if version > newest:
            raise NewerMessageError(
                f"{type_} is of a later version than {kind.__qualname__}, which is {newest}. Read "
                "it by a later release."
            )
        if version < 1:
            raise UnreadableMessageError(f"{type_} is no type. Versions are counted from 1.")
        return kind, version


def _unreadable(envelope: object, why: object) -> UnreadableMessageError:
    parts = envelope if isinstance(envelope, Mapping) else {}
    return UnreadableMessageError(
        f"{parts.get('type', 'an envelope')} with the id {parts.get('id')} cannot be read: {why}"
    )
