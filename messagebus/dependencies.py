"""What handlers request by name: how it is made, and how it is told the end."""

from collections.abc import Callable
from typing import Any


class Dependencies:
    """The dependencies of one transaction: each made once, each told the end once."""

    __slots__ = ("_dependencies", "_made")

    def __init__(self) -> None:
        self._made: dict[object, object] = {}
        self._dependencies: list[object] = []

    def make_once(self, key: object, factory: Callable[[], object]) -> object:
        """Call a factory the first time that its dependency is requested."""
        if key not in self._made:
            self._made[key] = factory()
        return self._made[key]

    def give(self, dependency: object) -> None:
        """Remember that a handler was given this one."""
        if not any(dependency is other for other in self._dependencies):
            self._dependencies.append(dependency)

    def hooks(self, name: str) -> list[Callable[[], Any]]:
        """Return the hooks of this name, in the order in which handlers requested them."""
        hooks = (getattr(dependency, name, None) for dependency in self._dependencies)
        return [hook for hook in hooks if hook is not None]
