"""What requests and responses hold. Unknown fields are refused: most often they are misspelt.

Nothing is converted: a text is no number, and neither is `true`.
"""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from ‹package›.domain.typed import NewName


class Body(BaseModel):
    """The base of all that is sent to the application."""

    model_config = ConfigDict(extra="forbid", strict=True)


class New‹Aggregate›(Body):
    """What ‹a_word› is to be called."""

    name: NewName = Field(examples=["The first"])


class Registered‹Aggregate›(BaseModel):
    """‹A_word› that is registered."""

    id: UUID
    name: str


class ‹Aggregates›Page(BaseModel):
    """Some of the ‹words›."""

    ‹aggregates›: list[Registered‹Aggregate›]
    next: UUID | None
    """Give it as `after` for those behind these; `null` at the end."""
