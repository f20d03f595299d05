"""Importing providers: what a line may hold, and what became of the lines."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from provd.schema.model import Model
from provd.schema.provider import ProviderPatch
from provd.schema.route import DEFAULT_CUSTOMER, Id, RoutePatch

MAX_FAILURES_SHOWN = 1000
MAX_UNCHANGED_SHOWN = 100


class ImportedProvider(ProviderPatch):
    """One line: the writable fields of a provider. With the ``id`` of a provider that exists it changes what
    it names; else it makes a new one, which needs ``name`` and ``hostname``."""

    id: Annotated[str | None, Field(description="a UUID")] = None


class ImportedRoute(RoutePatch):
    """One line with a ``provider_id``: the fields of a route. With the ``id`` of one that exists it changes
    what it names, else it makes a new one. A route's customer stays."""

    id: Annotated[Id | None, Field(description="a UUID")] = None
    customer_id: Id = DEFAULT_CUSTOMER


class ExportFormat(StrEnum):
    """What ``GET /export`` writes and ``POST /import`` reads."""

    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    CSV = "csv"
    KAMAILIO = "kamailio"
    OPENSIPS = "opensips"
    ASTERISK = "asterisk"
    FREESWITCH = "freeswitch"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files, where it has more than one."""
        return ("dr_gateways", "dr_rules", "provd") if self is ExportFormat.OPENSIPS else ()


class Became(StrEnum):
    """What becomes of a record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class FieldChange(Model):
    """A field before and after; ``before`` is null for what is created."""

    field: str
    before: Any = None
    after: Any = None


class LineChange(Model):
    """What would become of one line, field by field."""

    line: int
    kind: str = Field(description="provider or route")
    id: str
    name: str
    became: Became
    fields: list[FieldChange] = []


class FailedLine(Model):
    """A line that was left out, and why."""

    line: int = Field(description="its number in the file, from 1")
    message: str


class Counts(Model):
    """How many records became what."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class ImportReport(Model):
    """What became of an import: of the providers, and of the routes in ``routes``.

    ``failed``, ``warnings`` and ``changes`` show the first thousand, and the first hundred of what stays as
    it is; ``failed_total`` and ``warnings_total`` count all.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[FailedLine] = []
    failed_total: int = 0
    warnings: list[FailedLine] = Field(default=[], description="what of the file has no place here")
    warnings_total: int = 0
    routes: Counts = Counts()
    changes: list[LineChange] = Field(default=[], description="of a dry run: what would become of each line")
    dry_run: bool = Field(default=False, description="true: nothing was changed")
