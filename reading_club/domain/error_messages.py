"""Error messages for people: which field breaks which rule."""

from pydantic import ValidationError


def explain(error: ValidationError) -> str:
    """Name each invalid field, what was in it, and why it is invalid."""
    return "; ".join(
        _explain_field(".".join(map(str, each["loc"])), each["input"], each["type"], each["msg"])
        for each in error.errors(include_url=False)
    )


def _explain_field(name: str, value: object, kind: str, reason: str) -> str:
    if isinstance(value, str) and not value.strip():
        return f"{name} is missing"
    reason = reason.removeprefix("Value error, ")
    if kind == "value_error":
        return f"{name}: {reason}"
    return f"{name} {value!r}: {reason}"
