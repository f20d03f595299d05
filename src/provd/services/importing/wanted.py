"""From a line's record to what is wanted of a provider or a route."""

import uuid
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from provd.routing.formats.base import is_route
from provd.schema.provider import READ_ONLY_FIELDS
from provd.schema.route import Route, RouteCreate
from provd.schema.transfer import ImportedProvider, ImportedRoute, ImportReport
from provd.services.importing.lines import Line
from provd.services.importing.report import fail, warn, words
from provd.services.redaction import HIDDEN

_IGNORED = READ_ONLY_FIELDS - {"id"}
_IGNORED_OF_ROUTES = frozenset(Route.model_fields) - frozenset(RouteCreate.model_fields) - {"id"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line wants: the fields that it names of the record ``id``. ``given``: the line has the id."""

    number: int
    id: str
    given: bool
    route: bool
    fields: dict[str, Any]


def wanted_of(line: Line, report: ImportReport) -> Wanted | None:
    """Check a line; what is wrong with it goes into the report."""
    if line.record is None:
        if line.problem:
            fail(report, line.number, line.problem)
        else:
            warn(report, line.number, line.warning)
        return None
    route = is_route(line.record)
    model, ignored = (ImportedRoute, _IGNORED_OF_ROUTES) if route else (ImportedProvider, _IGNORED)
    try:
        read = model.model_validate(
            {name: value for name, value in line.record.items() if name not in ignored}
        )
        given = read.id is not None
        key = str(uuid.UUID(read.id)) if read.id is not None else str(uuid.uuid4())
    except ValidationError as error:
        fail(report, line.number, words(error))
        return None
    except ValueError:
        fail(report, line.number, "id is not a UUID")
        return None
    fields = read.model_dump(mode="json", exclude_unset=True, exclude={"id"})
    if HIDDEN in fields.get("tech_headers", {}).values():
        fail(
            report,
            line.number,
            f'tech_headers has the value "{HIDDEN}", which stands for one that a viewer may not see: '
            "export as operator or admin, or leave tech_headers out",
        )
        return None
    return Wanted(line.number, key, given, route, fields)
