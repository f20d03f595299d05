"""Revisions: every state that a provider or a route was in."""

from typing import Any

from pydantic import Field

from provd.schema.model import Model
from provd.schema.timestamps import Timestamp


class Revision(Model):
    """A provider or a route as it was from ``at`` on, until its next revision."""

    kind: str = Field(description="provider or route")
    object_id: str
    revision: int
    at: Timestamp
    uid: int | None = Field(description="who made it so; null where nobody kept it")
    user: str
    action: str = Field(description="like provider.update; empty where nobody kept it")
    fields: dict[str, Any] = Field(description="what can be written of it; of a deleted one, what was last")


class RevisionPage(Model):
    """One page of revisions, newest first."""

    result: list[Revision]
    next_page_token: str
