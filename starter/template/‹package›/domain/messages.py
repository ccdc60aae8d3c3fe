"""What is asked of the application, and what it tells the world.

Commands check what they are given; events are facts, and facts are not checked again.
"""

from uuid import UUID

from messagebus import Command, Event, Field, Metadata
from ‹package›.domain.results import ‹Aggregate›RepositoryOperationResult, ‹Aggregate›RepositoryResult
from ‹package›.domain.typed import NewName


class Register‹Aggregate›(Command[‹Aggregate›RepositoryOperationResult]):
    """Register ‹a_word›."""

    id: UUID = Field(...)
    name: NewName = Field(...)
    metadata: Metadata = Metadata(name="register_‹aggregate›", schema_version=1)


class ‹Aggregate›Registered(Event):
    """There is another ‹word›."""

    id: UUID = Field(...)
    name: str = Field(...)
    metadata: Metadata = Metadata(name="‹aggregate›_registered", schema_version=1, published=True)


class Rename‹Aggregate›(Command[‹Aggregate›RepositoryResult]):
    """Give ‹a_word› another name; `expected_version` refuses the change of any other one."""

    id: UUID = Field(...)
    name: NewName = Field(...)
    expected_version: int | None = None
    metadata: Metadata = Metadata(name="rename_‹aggregate›", schema_version=1)


class ‹Aggregate›Renamed(Event):
    """‹A_word› has another name than before."""

    id: UUID = Field(...)
    previous_name: str = Field(...)
    name: str = Field(...)
    metadata: Metadata = Metadata(name="‹aggregate›_renamed", schema_version=1, published=True)
