"""Gives a checkout the script `reading-club`, and no wheel.

The club lives beside the bus and is not shipped with it. A script declared in `[project.scripts]`
would stand in every wheel and point at nothing; an editable install, which is how a checkout is
installed, has the club at hand.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CheckoutScript(BuildHookInterface[Any]):
    """Adds `bin/reading-club` to an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Hatchling says `editable` or `standard` in `version`."""
        if version == "editable":
            build_data["shared_scripts"]["bin/reading-club"] = "reading-club"
