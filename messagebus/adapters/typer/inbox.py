"""`inbox`: the messages that a consumer has received. `dead-letters` serves it as the outbox."""

from collections.abc import Mapping
from typing import Any

import typer

from messagebus.adapters.typer.outbox import print_status
from messagebus.adapters.typer.runner import (
    DatabaseOption,
    JsonOption,
    Opener,
    command_group,
    run,
)
from messagebus.consumer import AsyncAbstractInbox

_MEANINGS = {
    "waiting": "messages that are held for another attempt, with those that are parked",
    "oldest_age": "seconds since the oldest of them arrived",
    "parked": "wait behind another one about the same thing",
    "dead": "failed for good: `{program} dead-letters list` says why",
    "done": "applied or ignored, and not deleted since",
    "leader": "the process that consumes now; without one nothing is applied",
}


def inbox_commands(open_inbox: Opener[AsyncAbstractInbox[Any]]) -> typer.Typer:
    """The group `inbox`, with `status`."""
    group = command_group("The messages that this service has received.")
    group.command()(_Inbox(open_inbox).status)
    return group


class _Inbox:
    """The commands of `inbox`."""

    def __init__(self, open_inbox: Opener[AsyncAbstractInbox[Any]]) -> None:
        self._open = open_inbox

    def status(
        self, context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
    ) -> None:
        """Show how many messages are held, parked, dead or done, and the consumer's process."""
        print_status(context, run(context, database, self._open, _status), _MEANINGS, json=json)


async def _status(inbox: AsyncAbstractInbox[Any]) -> Mapping[str, object]:
    status = await inbox.status()
    return {**status._asdict(), "leader": await inbox.leader()}
