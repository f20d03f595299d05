"""The use case: every provider and route as a file, piece by piece."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from provd.routing.formats.base import Record, Writer
from provd.routing.formats.registry import FORMATS
from provd.schema.provider import ProviderCreate
from provd.schema.route import RouteCreate
from provd.schema.transfer import ExportFormat
from provd.services.errors import invalid
from provd.services.redaction import HIDDEN
from provd.store import providers as stored_providers
from provd.store import routes as stored_routes
from provd.store.engine import Store
from provd.store.providers import Cursor, ProviderFilter
from provd.store.tables import ProviderRow, RouteRow

PAGE = 100
_HIDDEN_NOTE = f"The values of tech_headers are hidden ({HIDDEN}) from viewers: not all of it can be imported"
_PROVIDER = ("id", *ProviderCreate.model_fields)
_ROUTE = ("id", *RouteCreate.model_fields)


class ExportService:
    """Writes files. A million providers are never in memory: they are read a page at a time. Each page is as
    the store is when its turn comes; the routes are as they are at the beginning of a file."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def stream(self, wanted: ExportFormat, file: str, *, hidden: bool) -> AsyncIterator[bytes]:
        """Give the file of that name of a format, or with "" all of them, one after the other.

        ``hidden`` puts ``***`` in place of the values of ``tech_headers``; an import refuses such a record.
        Raises ServiceError 400 when the format has no such file, StoreError.
        """
        files = FORMATS[wanted].files
        if file and file not in files:
            raise invalid("file", f"is {file[:64]!r}: {wanted.value} has {', '.join(files)}")
        for name, make in files.items():
            if file in ("", name):
                async for text in self._written(make(), hidden=hidden):
                    if text:
                        yield text.encode()

    async def _written(self, writer: Writer, *, hidden: bool) -> AsyncIterator[str]:
        routes = [_route(row) for row in await self._store.read(stored_routes.everything)]
        leading_to: dict[str, list[Record]] = defaultdict(list)
        for route in routes:
            leading_to[route["provider_id"]].append(route)
        yield writer.opening(_HIDDEN_NOTE if hidden else "")
        async for page in self._pages():
            yield "".join(
                writer.provider(_provider(row, hidden=hidden), leading_to.get(row.id, [])) for row in page
            )
        yield writer.between()
        for start in range(0, len(routes), PAGE):
            yield "".join(map(writer.route, routes[start : start + PAGE]))
        yield writer.closing()

    async def _pages(self) -> AsyncIterator[Sequence[ProviderRow]]:
        cursor: Cursor | None = None
        while True:
            page = await self._store.read(stored_providers.page, ProviderFilter(), cursor, PAGE)
            if not page:
                return
            rows = [row for row, _ in page]
            yield rows
            cursor = Cursor(rows[-1].tm_create, rows[-1].id)


def _provider(row: ProviderRow, *, hidden: bool) -> dict[str, Any]:
    record = {name: getattr(row, name) for name in _PROVIDER}
    if hidden:
        record["tech_headers"] = dict.fromkeys(record["tech_headers"], HIDDEN)
    return record


def _route(row: RouteRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _ROUTE}
