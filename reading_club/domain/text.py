"""Text that people typed: titles, names, comments."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character is no text")
    return text


Prose = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_without_nul)]
"""Text without the white space around it; it may be empty."""

Name = Annotated[Prose, StringConstraints(min_length=1)]
"""Text that says something."""
