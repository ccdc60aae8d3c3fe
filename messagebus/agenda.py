"""What is left to do once a transaction is decided."""

from collections.abc import Callable, Sequence
from typing import Any

from messagebus.doors import refuse_awaitable


class Agenda:
    """Steps that are worked off one by one: one that fails keeps no other from running.

    A step that is interrupted, as by a cancellation, stays on the list: whoever works the
    agenda off again makes it up.
    """

    errors: Sequence[Exception] = ()

    def __init__(self, steps: list[Callable[[], Any]]) -> None:
        self.steps = steps

    async def work_off(self, awaits: bool) -> None:
        """Take the steps in order, and collect the errors of those that fail."""
        if not awaits:
            self.work_off_at_once()
        steps = self.steps
        while steps:
            try:
                outcome = steps[0]()
                if outcome is not None:
                    await outcome
            except Exception as error:
                self.errors = [*self.errors, error]
            del steps[0]

    def work_off_at_once(self) -> None:
        """The same for steps that block."""
        steps = self.steps
        while steps:
            try:
                outcome = steps[0]()
                if outcome is not None:
                    refuse_awaitable(outcome, steps[0])
            except Exception as error:
                self.errors = [*self.errors, error]
            del steps[0]

    def raise_errors(self, moment: str) -> None:
        """Raise the error of the step that failed, or a group where several did."""
        errors, self.errors = self.errors, ()
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ExceptionGroup(f"{len(errors)} steps failed {moment}", errors)

    def note_errors(self, error: BaseException) -> None:
        """Leave the errors as notes on the one that is on its way out."""
        errors, self.errors = self.errors, ()
        for other in errors:
            error.add_note(f"On the way out another step failed: {other!r}")
