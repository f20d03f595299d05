"""The form in which a provider is added or edited."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from provd.schema.events import LoggedEvent
from provd.schema.provider import Provider
from provtui import form_fields
from provtui.commands import Place, bindings_at
from provtui.dialogs.record_form import RecordForm
from provtui.form_fields import FIELDS, FormField, Section, Texts
from provtui.last_saved import provider_updates
from provtui.text import clean
from provtui.widgets.form_row import FormRow
from provtui.widgets.form_section import FormSection, SectionHeading
from provtui.widgets.lines import Lines


class ProviderForm(RecordForm[Provider]):
    """Adds or edits a provider; the settings of checks are in groups that begin closed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.FORM)]
    what = "provider"
    place = Place.FORM

    @property
    def fields(self) -> Iterable[FormField]:
        """The fields of a provider."""
        return FIELDS

    def texts_of(self, record: Provider | None) -> Texts:
        """Give what the form shows for a provider."""
        return form_fields.texts_of(record)

    def problem(self, path: str, text: str) -> str | None:
        """Tell what is wrong with a field."""
        return form_fields.problem(path, text)

    def problems(self, texts: Texts) -> dict[str, str]:
        """Tell what is wrong with which field."""
        return form_fields.problems(texts)

    def changes(self, base: Provider, texts: Texts) -> dict[str, Any]:
        """Give the fields that differ."""
        return form_fields.changes(base, texts)

    def field_of(self, detail_field: str) -> str | None:
        """Give the field that an error detail is about."""
        return form_fields.field_of(detail_field)

    def named(self, record: Provider) -> str:
        """Give its name."""
        return record.name

    async def create(self, texts: Texts) -> Provider:
        """Add it."""
        new = form_fields.to_create(texts)
        return await self.session.client.create_provider(new, idempotency_key=self.key)

    async def patch(self, base: Provider, changes: dict[str, Any]) -> Provider:
        """Change it."""
        return await self.session.client.patch_provider(base.id, changes, revision=base.revision)

    async def read(self, base: Provider) -> tuple[Provider, Iterable[LoggedEvent]]:
        """Read it as it is now."""
        theirs = await self.session.client.provider(base.id)
        return theirs, await provider_updates(self.session, base.id)

    def compose_rows(self, base: Provider | None, texts: Texts) -> ComposeResult:
        """Lay out the warnings, the rows and the groups of them."""
        for warning in [] if base is None else base.warnings:
            yield Lines(Content.styled(f"! {clean(warning)}", ".ink--suspect"), classes="form--warning")
        for section in Section:
            rows = [FormRow(field, texts[field.path]) for field in FIELDS if field.section is section]
            if section is Section.TRUNK:
                yield from rows
            else:
                yield FormSection(section, rows)

    def bring_up(self, row: FormRow) -> None:
        """Open the group that ``row`` is in."""
        for section in self.query(FormSection):
            if row in section.rows:
                section.open()

    def do_fold(self) -> None:
        """Open or close the group whose heading has the focus."""
        if isinstance(self.focused, SectionHeading) and isinstance(self.focused.parent, FormSection):
            self.focused.parent.toggle()
