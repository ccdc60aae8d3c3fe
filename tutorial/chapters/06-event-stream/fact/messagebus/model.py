"""Models: what an application is about, and what happened to it."""

from pydantic import BaseModel

from messagebus.messages import Message


class Model(BaseModel):
    """An entity of the domain, checked when it is made: append what happened to `messages`."""

    @property
    def messages(self) -> list[Message]:
        """What the model raised and no handler has taken yet, oldest first.

        The list lies beside the fields, as `functools.cached_property` would leave it, so
        that it is in no dump and no comparison.
        """
        messages: list[Message] = vars(self).setdefault("messages", [])
        return messages
