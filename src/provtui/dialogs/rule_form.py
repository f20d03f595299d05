"""The form in which a rule of alerts is added or edited."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType

from provd.client import ApiError, ClientError
from provd.schema.alerts import Rule, RuleSpec
from provd.schema.events import LoggedEvent
from provtui import rule_fields
from provtui.commands import Place, bindings_at
from provtui.dialogs.record_form import RecordForm
from provtui.form_fields import FormField, Texts


class RuleForm(RecordForm[Rule]):
    """Adds or edits a rule. A built-in one is not changed: one of the same name is made in its place."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.RULE_FORM)]
    what = "rule"
    place = Place.RULE_FORM

    @property
    def fields(self) -> Iterable[FormField]:
        """The fields of a rule; the name only of a new one."""
        return (rule_fields.NAME, *rule_fields.FIELDS) if self._base is None else rule_fields.FIELDS

    def texts_of(self, record: Rule | None) -> Texts:
        """Give what the form shows for a rule."""
        return rule_fields.texts_of(record)

    def problem(self, path: str, text: str) -> str | None:
        """Tell what is wrong with a field."""
        return rule_fields.problem(path, text)

    def problems(self, texts: Texts) -> dict[str, str]:
        """Tell what is wrong with which field."""
        return rule_fields.problems(texts)

    def changes(self, base: Rule, texts: Texts) -> dict[str, Any]:
        """Give the fields that differ."""
        return rule_fields.changes(base, texts)

    def field_of(self, detail_field: str) -> str | None:
        """Give the field that an error detail is about."""
        return rule_fields.field_of(detail_field)

    def named(self, record: Rule) -> str:
        """Give its name."""
        return record.name

    async def create(self, texts: Texts) -> Rule:
        """Make it, unless there is another of that name."""
        name, spec = texts["name"].strip(), rule_fields.to_spec(texts)
        held = await self._held(name)
        if held is not None and written(held) != spec:
            raise ClientError(f"there is a rule {name} already: leave, and edit that one")
        revision = 0 if held is None else held.revision
        return await self.session.client.alerts.put_rule(name, spec, revision=revision)

    async def patch(self, base: Rule, changes: dict[str, Any]) -> Rule:
        """Replace it."""
        spec = RuleSpec.model_validate({**written(base).model_dump(), **changes})
        return await self.session.client.alerts.put_rule(base.name, spec, revision=base.revision)

    async def read(self, base: Rule) -> tuple[Rule, Iterable[LoggedEvent]]:
        """Read it as it is now; no event tells of rules."""
        return await self.session.client.alerts.rule(base.name), ()

    async def _held(self, name: str) -> Rule | None:
        try:
            return await self.session.client.alerts.rule(name)
        except ApiError as error:
            if error.http_code == 404:
                return None
            raise


def written(rule: Rule) -> RuleSpec:
    """Give what can be written of a rule."""
    return RuleSpec.model_validate(rule.model_dump(include=set(RuleSpec.model_fields)))
