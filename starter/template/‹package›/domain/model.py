"""What the application talks about."""

from uuid import UUID

from messagebus import Model
from ‹package›.domain.text import Name


class ‹Aggregate›(Model):
    """‹A_word›, and which version of it this is. No two have the same name."""

    id: UUID
    name: Name
    version: int = 1

    def renamed(self, name: str) -> "‹Aggregate›":
        """The ‹word› under another name; it is the next version when it is saved."""
        return self.model_copy(update={"name": name})
