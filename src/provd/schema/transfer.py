"""Importing providers: what a line may hold, and what became of the lines."""

from typing import Annotated

from pydantic import BaseModel, Field

from provd.schema.provider import ProviderPatch

MAX_FAILURES_SHOWN = 1000


class ImportedProvider(ProviderPatch):
    """One line: the writable fields of a provider. With the ``id`` of a provider that exists it changes what
    it names; else it makes a new one, which needs ``name`` and ``hostname``."""

    id: Annotated[str | None, Field(description="a UUID")] = None


class FailedLine(BaseModel):
    """A line that was left out, and why."""

    line: int = Field(description="its number in the file, from 1")
    message: str


class ImportReport(BaseModel):
    """What became of an import. ``failed`` shows the first thousand; ``failed_total`` counts all."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[FailedLine] = []
    failed_total: int = 0
    dry_run: bool = Field(default=False, description="true: nothing was changed")
