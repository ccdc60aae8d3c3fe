"""The stream's port."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """What travels: the envelope as it was serialised, and what is said about it."""

    envelope: Mapping[str, str]
    """`id`, `created_at`, `type` and `payload`, which no transport may change."""

    headers: Mapping[str, str]
    """`position` in the outbox and `stream_key`."""
