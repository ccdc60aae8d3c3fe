"""Upcasters: from the payload of an old version to that of the next.

After Young, "Versioning in an Event Sourced System": only the newest version has a class; older
payloads are brought up to it, one version at a time, when they are read.
"""

import inspect
from collections.abc import Callable
from typing import Any

from messagebus.errors import ConfigurationError

Payload = dict[str, Any]
Upcast = Callable[[Payload], Payload]


class Upcasters:
    """The steps between versions, by a message's name and the version that each begins at.

    A step takes a payload on, from its version to the next:

        upcasters = Upcasters()

        @upcasters.step("book_reviewed", 1)
        def with_language(payload):
            return {**payload, "language": "en"}
    """

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], Upcast] = {}

    def step(self, name: str, version: int) -> Callable[[Upcast], Upcast]:
        """Mark the function that takes a payload of this version to the next one.

        Raises `ConfigurationError` where there is one already, and for a coroutine function.
        """
        if version < 1:
            raise ConfigurationError(
                f"{name}_v{version} has an upcaster that never runs: versions are counted from 1."
            )

        def mark(upcast: Upcast) -> Upcast:
            if inspect.iscoroutinefunction(upcast):
                raise ConfigurationError(
                    f"{upcast.__qualname__} is a coroutine function, and nobody awaits an "
                    "upcaster: make it a plain function from payload to payload."
                )
            if (name, version) in self._steps:
                raise ConfigurationError(
                    f"{name}_v{version} has two upcasters, and one of them would never run: "
                    f"leave one of {self._steps[name, version]!r} and {upcast!r}."
                )
            self._steps[name, version] = upcast
            return upcast

        return mark

    def reaches(self, name: str, version: int, newest: int) -> bool:
        """Whether there is a step for each version from this one to the newest."""
        return all((name, each) in self._steps for each in range(version, newest))

    def upcast(self, name: str, version: int, newest: int, payload: Payload) -> Payload:
        """The payload as the newest version has it; raise `ConfigurationError` for a gap."""
        for each in range(version, newest):
            if (name, each) not in self._steps:
                raise ConfigurationError(
                    f"{name}_v{version} cannot be read as version {newest}: there is no upcaster "
                    f'from {each} to {each + 1}; write one, marked step("{name}", {each}).'
                )
            payload = self._steps[name, each](payload)
        return payload
