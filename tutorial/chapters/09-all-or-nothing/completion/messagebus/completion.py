"""What is left to do once a transaction is decided."""

from collections.abc import Callable, Sequence
from typing import Any


class Completion:
    """Steps that run one by one: one that fails keeps no other from running."""

    errors: Sequence[Exception] = ()

    def __init__(self, steps: list[Callable[[], Any]]) -> None:
        self.steps = steps

    async def run(self) -> None:
        """Take the steps in order, and collect the errors of those that fail."""
        for step in self.steps:
            try:
                output = step()
                if output is not None:
                    await output
            except Exception as error:
                self.errors = [*self.errors, error]

    def raise_errors(self, moment: str) -> None:
        """Raise the error of the step that failed, or a group where several did."""
        errors, self.errors = self.errors, ()
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ExceptionGroup(f"{len(errors)} steps failed {moment}", errors)

    def note_errors(self, error: BaseException) -> None:
        """Add the errors as notes to the exception that is being raised."""
        errors, self.errors = self.errors, ()
        for other in errors:
            error.add_note(f"Another step failed as well: {other!r}")
