"""The form in which a route is added or edited."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType

from provd.client import DaemonUnavailable
from provd.schema.events import LoggedEvent
from provd.schema.provider import Provider
from provd.schema.route import Route, RouteCreate
from provtui import route_fields
from provtui.commands import Place, bindings_at
from provtui.dialogs.record_form import RecordForm
from provtui.form_fields import FormField, Texts
from provtui.last_saved import route_updates
from provtui.provider_names import ProviderNames
from provtui.session import Session


class RouteForm(RecordForm[Route]):
    """Adds or edits a route; its provider is chosen by its name among those of the fleet.

    A new one is to lead to the provider ``to``, unless something else is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.ROUTE_FORM)]
    what = "route"
    place = Place.ROUTE_FORM

    def __init__(self, session: Session, base: Route | None, to: Provider | None = None) -> None:
        self._names = ProviderNames(session.fleet.providers.values())
        self._fields = route_fields.route_fields(self._names)
        self._to = to
        self._may_be_there = False
        super().__init__(session, base)

    @property
    def fields(self) -> Iterable[FormField]:
        """The fields of a route."""
        return self._fields

    def texts_of(self, record: Route | None) -> Texts:
        """Give what the form shows for a route."""
        texts = route_fields.texts_of(record, self._names)
        if record is None and self._to is not None:
            texts["provider_id"] = self._names.name(self._to.id)
        return texts

    def problem(self, path: str, text: str) -> str | None:
        """Tell what is wrong with a field."""
        return route_fields.problem(path, text, self._names)

    def problems(self, texts: Texts) -> dict[str, str]:
        """Tell what is wrong with which field."""
        return route_fields.problems(texts, self._names)

    def changes(self, base: Route, texts: Texts) -> dict[str, Any]:
        """Give the fields that differ."""
        return route_fields.changes(base, texts, self._names)

    def field_of(self, detail_field: str) -> str | None:
        """Give the field that an error detail is about."""
        return route_fields.field_of(detail_field)

    def named(self, record: Route) -> str:
        """Give its name."""
        return record.name

    async def create(self, texts: Texts) -> Route:
        """Add it, unless an attempt whose answer was lost did so."""
        new = route_fields.to_create(texts, self._names)
        if self._may_be_there:
            there = await self.session.client.all_routes(provider_id=new.provider_id)
            same = next((route for route in there if _says(route, new)), None)
            if same is not None:
                return same
        try:
            return await self.session.client.create_route(new)
        except DaemonUnavailable:
            self._may_be_there = True
            raise

    async def patch(self, base: Route, changes: dict[str, Any]) -> Route:
        """Change it."""
        return await self.session.client.patch_route(base.id, changes, revision=base.revision)

    async def read(self, base: Route) -> tuple[Route, Iterable[LoggedEvent]]:
        """Read it as it is now."""
        theirs = await self.session.client.route(base.id)
        return theirs, await route_updates(self.session, theirs)


def _says(route: Route, new: RouteCreate) -> bool:
    return all(getattr(route, name) == getattr(new, name) for name in RouteCreate.model_fields)
