"""How a peer's answer becomes a cell of the table."""

import json
import warnings
from collections.abc import Callable

warnings.simplefilter("ignore")


def outcome_of(ask: Callable[[], object]) -> str:
    """The result, or the error that was raised."""
    try:
        answer = ask()
    except Exception as error:
        cause = error
        while isinstance(cause, ExceptionGroup):
            cause = cause.exceptions[0]
        return f"`{type(cause).__name__}`"
    if answer is None:
        return "nothing is said"
    return f"answers: {answer if isinstance(answer, str) else getattr(answer, 'title', answer)}"


def show(*cells: str) -> None:
    """Print the cells for `bench.libraries`."""
    print(json.dumps(cells))
