"""Models: what an application is about."""

from pydantic import BaseModel


class Model(BaseModel):
    """An entity of the domain, checked when it is made."""
