"""The rules that raise alerts."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from provd.schema.alerts import Rule
from provtui.alert_words import condition_text, severity_run
from provtui.commands import Place, bindings_at
from provtui.dialogs.confirm_record_delete import ConfirmRecordDelete
from provtui.dialogs.record_list import RecordList
from provtui.dialogs.rule_form import RuleForm, written
from provtui.figures import duration_text
from provtui.text import clean, fit

_ORIGINS = {
    "built-in": "built in; editing it makes one of the same name in its place",
    "config": "the configuration of provd: it is changed there",
    "api": "made here or by provctl",
}


class RulesDialog(RecordList[Rule]):
    """Lists the rules; those of the configuration are dimmed, since they are changed there."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.RULES)]
    place = Place.RULES
    caption = "What raises alerts"
    nothing = "There is no rule, so nothing is told. a adds one."

    async def read(self) -> list[Rule]:
        """Read them."""
        return (await self.session.client.alerts.rules()).result

    def row(self, record: Rule, cells: int) -> Content:
        """Write name, severity, and when it holds."""
        text, ink = severity_run(record.severity) if record.enabled else ("– off", "ink--disabled")
        dim = record.origin == "config"
        name, when = min(20, cells // 3), cells - min(20, cells // 3) - 10 - 9 - 3
        return Content.assemble(
            (fit(clean(record.name), name), ".ink--disabled" if dim else ".ink--name"),
            " ",
            (fit(text, 10), ".ink--disabled" if dim else (f".{ink}" if ink else "")),
            (f" {fit(condition_text(record), when)} ", ".ink--disabled" if dim else ""),
            (fit(record.origin, 9), ".ink--faint"),
        )

    def facts(self, record: Rule) -> Sequence[tuple[str, str]]:
        """Tell all of it."""
        for_text = f"{record.for_s:g} s" if record.for_s < 60 else duration_text(record.for_s)
        return [
            ("when", condition_text(record) + (f", for {for_text}" if record.for_s else ", at once")),
            (
                "severity",
                record.severity.value if record.enabled else f"{record.severity.value}, but it is off",
            ),
            ("providers", f"with a tag of {', '.join(record.tags)}" if record.tags else "all"),
            ("told", f"on {', '.join(record.channels)}" if record.channels else "on all channels"),
            ("from", _ORIGINS[record.origin]),
            ("detail", record.detail),
        ]

    def edit(self) -> None:
        """Edit the chosen one."""
        self.do_edit_rule()

    def do_edit_rule(self) -> None:
        """Open the form of the chosen one."""
        rule = self.changeable("edit_rule")
        if rule is not None:
            self.app.push_screen(RuleForm(self.session, rule), self._saved)

    def do_add_rule(self) -> None:
        """Open an empty form."""
        if self.may("add_rule"):
            self.app.push_screen(RuleForm(self.session, None), self._saved)

    def do_toggle_rule(self) -> None:
        """Switch the chosen one on or off."""
        rule = self.changeable("toggle_rule")
        if rule is None:
            return

        async def toggled() -> str:
            spec = written(rule).model_copy(update={"enabled": not rule.enabled})
            after = await self.session.client.alerts.put_rule(rule.name, spec, revision=rule.revision)
            return f"{after.name}: {'on' if after.enabled else 'off'}"

        self.act(rule.name, f"Switching {rule.name} {'off' if rule.enabled else 'on'}…", toggled)

    def do_delete_rule(self) -> None:
        """Delete the chosen one, after a question."""
        rule = self.changeable("delete_rule")
        if rule is None:
            return
        if rule.origin == "built-in":
            self.say(f"{rule.name} is built in and can't be deleted: x switches it off.", ".ink--suspect")
            return

        async def deleted() -> str:
            await self.session.client.alerts.delete_rule(rule.name, revision=rule.revision)
            return f"{rule.name}: deleted"

        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self.act(rule.name, f"Deleting {rule.name}…", deleted)

        means = "Its alerts are resolved. Where one of that name is built in, that is in force again."
        self.app.push_screen(ConfirmRecordDelete("rule", rule.name, means), answered)

    def _saved(self, rule: Rule | None) -> None:
        if rule is not None:
            self.done(f"{rule.name}: saved")
