"""What ``provctl apply`` says: for people, and as data."""

from pydantic import BaseModel, Field

from provd.cli.apply.plan import Action, Plan, Step
from provd.cli.apply.written import Kind
from provd.cli.output import printable
from provd.schema.provider import Provider
from provd.schema.transfer import FieldChange

_SIGNS = {Action.CREATE: "+", Action.CHANGE: "~", Action.DELETE: "-"}
_TRUNK = "a setup made it: its trunk would stay at the carrier"


class PlannedStep(BaseModel):
    """One record that is created, changed or deleted. ``remark`` says why it can't be done."""

    action: Action
    kind: Kind
    id: str
    name: str
    written: str = Field(description="the file and the line; empty for what is deleted")
    fields: list[FieldChange]
    remark: str = ""


class PlanReport(BaseModel):
    """The steps in their order, and how many there are. ``applied``: all of them were taken; else none."""

    steps: list[PlannedStep]
    create: int
    change: int
    delete: int
    unchanged: int
    applied: bool


def as_data(plan: Plan, *, applied: bool) -> PlanReport:
    """Give a plan for programs."""
    return PlanReport(
        steps=[
            PlannedStep(
                action=step.action,
                kind=step.kind,
                id=step.id,
                name=step.name,
                written=str(step.place or ""),
                fields=step.changes,
                remark=_remark(step),
            )
            for step in plan.steps
        ],
        create=plan.count(Action.CREATE),
        change=plan.count(Action.CHANGE),
        delete=plan.count(Action.DELETE),
        unchanged=plan.unchanged,
        applied=applied,
    )


def plan_text(plan: Plan) -> str:
    """Give a line for each step, and a summary."""
    summary = (
        f"{plan.count(Action.CREATE)} to create, {plan.count(Action.CHANGE)} to change, "
        f"{plan.count(Action.DELETE)} to delete, {plan.unchanged} unchanged"
    )
    return "\n".join([*(step_line(step, plan) for step in plan.steps), summary])


def done_text(plan: Plan) -> str:
    """Say that all was done."""
    return (
        f"{plan.count(Action.CREATE)} created, {plan.count(Action.CHANGE)} changed, "
        f"{plan.count(Action.DELETE)} deleted"
    )


def step_line(step: Step, plan: Plan) -> str:
    """Say in a line what a step does."""
    begin = f"{_SIGNS[step.action]} {step.kind} {step.name!r}"
    if step.action is Action.CHANGE:
        line = f"{begin}: {', '.join(_change(each, plan) for each in step.changes)}"
    else:
        line = f"{begin}  {_whereabouts(step, plan)}"
    remark = _remark(step)
    return printable(f"{line}  ({remark})" if remark else line)


def _whereabouts(step: Step, plan: Plan) -> str:
    if step.before is None:
        fields = step.after
        if step.kind is Kind.PROVIDER:
            return str(fields["hostname"])
        return f"{fields['target']} by {_named(fields['provider_id'], plan)}"
    if isinstance(step.before, Provider):
        return step.before.hostname
    return f"{step.before.target} by {_named(step.before.provider_id, plan)}"


def _change(change: FieldChange, plan: Plan) -> str:
    if change.field == "provider_id":
        before, after = _named(change.before, plan), _named(change.after, plan)
        if before != after:
            return f"provider {before} -> {after}"
    return f"{change.field} {change.before!r} -> {change.after!r}"


def _named(provider_id: str, plan: Plan) -> str:
    return repr(plan.names.get(provider_id, provider_id))


def _remark(step: Step) -> str:
    return _TRUNK if step.forgets_a_trunk else ""
