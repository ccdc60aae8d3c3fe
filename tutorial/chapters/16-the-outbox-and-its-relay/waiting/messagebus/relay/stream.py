"""The stream's port."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """A message on the stream: its serialised envelope, and headers about it."""

    envelope: Mapping[str, str]
    """`id`, `created_at`, `type` and `payload`; a transport changes none of them."""

    headers: Mapping[str, str]
    """`position` in the outbox and `stream_key`."""
