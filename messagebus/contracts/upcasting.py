"""Upcasters convert the payload of an old version to that of the next.

After Young, "Versioning in an Event Sourced System": only the newest version has a class; older
payloads are converted when they are read, one version at a time.
"""

import inspect
from collections.abc import Callable
from typing import Any

from messagebus.errors import ConfigurationError

Payload = dict[str, Any]
Upcast = Callable[[Payload], Payload]


class Upcasters:
    """The steps between versions, by the message's name and the version that a step converts.

    A step converts a payload to the next version:

        upcasters = Upcasters()

        @upcasters.step("book_reviewed", 1)
        def with_language(payload):
            return {**payload, "language": "en"}
    """

    def __init__(self) -> None:
        self._upcasts: dict[tuple[str, int], Upcast] = {}

    def step(self, name: str, version: int) -> Callable[[Upcast], Upcast]:
        """Register the function that converts a payload of this version to the next one.

        Raises `ConfigurationError` if there is one already, and for a coroutine function.
        """
        if version < 1:
            raise ConfigurationError(
                f"{name}_v{version} has an upcaster that never runs. Versions are counted from 1."
            )

        def mark(upcast: Upcast) -> Upcast:
            if inspect.iscoroutinefunction(upcast):
                raise ConfigurationError(
                    f"{upcast.__qualname__} is a coroutine function. An upcaster is not awaited. "
                    "Make it a plain function from payload to payload."
                )
            if (name, version) in self._upcasts:
                raise ConfigurationError(
                    f"{name}_v{version} has two upcasters, {self._upcasts[name, version]!r} and "
                    f"{upcast!r}. Only one can run. Delete the other."
                )
            self._upcasts[name, version] = upcast
            return upcast

        return mark

    def reaches(self, name: str, version: int, newest: int) -> bool:
        """Whether each version from this one to the newest has a step."""
        return all((name, each) in self._upcasts for each in range(version, newest))

    def upcast(self, name: str, version: int, newest: int, payload: Payload) -> Payload:
        """Convert the payload to the newest version; raise `ConfigurationError` for a gap."""
        for each in range(version, newest):
            if (name, each) not in self._upcasts:
                raise ConfigurationError(
                    f"{name}_v{version} cannot be read as version {newest}. There is no upcaster "
                    f'from {each} to {each + 1}. Write one, marked step("{name}", {each}).'
                )
            payload = self._upcasts[name, each](payload)
        return payload
