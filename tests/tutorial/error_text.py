"""What the bus says against a step, as text: a test can look at the harm first."""

from collections.abc import Awaitable

from messagebus import TransactionError


async def error_text(step: Awaitable[object]) -> str:
    """The error's text; nothing where the step was let through."""
    try:
        await step
    except TransactionError as error:
        return str(error)
    return ""
