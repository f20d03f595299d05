"""A setup as text: what the carrier told, the plan call by call, how far it is, how it ended."""

import json
from textwrap import wrap

from pydantic import JsonValue
from textual.content import Content

from provd.schema.carriers import Account, CarrierInfo
from provd.schema.health import CheckReport
from provd.schema.provider import Provider
from provd.schema.setup import PlannedCall, SetupPlan, SetupState, SetupStep, StepState
from provtui import figures
from provtui.condition import OF_STATUS
from provtui.panels.parts import heading, hung
from provtui.setup_progress import SetupProgress
from provtui.text import clean, crop, fit, sentence, width

_BODY_LINES = 3
_SHORTEST_ID = 8  # cells, below which the beginning of an id tells nothing
_INDENT = "   "
_TRIED_AGAIN = (
    "What is left is removed as soon as that can be done; s in the list shows it, and tries at once."
)
_STATES = {
    StepState.PLANNED: ("·", "to do", ".ink--faint"),
    StepState.INTENDED: ("◌", "under way", ".ink--key"),
    StepState.DONE: ("✓", "made", ".ink--healthy"),
    StepState.UNDONE: ("↶", "undone", ".ink--maintenance"),
    StepState.LEFT: ("!", "left", ".ink--suspect"),
}
SETUP_STATES = {
    SetupState.RUNNING: ("◌ running", ".ink--key"),
    SetupState.DONE: ("✓ done", ".ink--healthy"),
    SetupState.UNDOING: ("↶ undoing", ".ink--suspect"),
    SetupState.UNDONE: ("↶ undone", ".ink--maintenance"),
    SetupState.LEFT: ("! left", ".ink--unhealthy"),
}
"""A setup's state as glyph and word, and the ink."""


def carrier_choice(carrier: CarrierInfo, cells: int) -> Content:
    """Write a carrier of the list in two lines."""
    return choice(carrier.title, carrier.summary, cells)


def choice(title: str, about: str, cells: int) -> Content:
    """Write one of a list in two lines of at most ``cells`` cells."""
    second = crop(f"  {clean(about)}", cells)
    return Content.assemble((crop(clean(title), cells), ".ink--name"), ("\n" + second, ".ink--faint"))


def account_text(title: str, account: Account) -> Content:
    """Say what the carrier told when it was asked whose key it is."""
    number = f"({account.id})" if account.id and account.name else account.id
    whose = clean(f"{account.name} {number}".strip())
    balance = clean(f"{account.balance} {account.currency}".strip()) if account.balance else ""
    known = [f"account {whose}" if whose else "", f"balance {balance}" if balance else ""]
    said = "".join(f", {part}" for part in known if part)
    head = Content.assemble((f"✓ {clean(title)} takes the key", ".ink--healthy"), f"{said}.")
    notes = [Content.styled(f"  {clean(note)}", ".ink--faint") for note in account.notes]
    return Content("\n").join([head, *notes])


def plan_panel(plan: SetupPlan, title: str, cells: int) -> Content:
    """Write each call that would be made, the provider, and what is left to do by hand."""
    calls = len(plan.calls)
    lines = [heading(f"{calls} call{'' if calls == 1 else 's'} to {clean(title)}")]
    for number, call in enumerate(plan.calls, 1):
        lines += _call(number, call, cells)
    added = plan.provider
    lines += [
        Content(""),
        heading("Then the provider is added"),
        Content.assemble(
            _INDENT,
            (clean(added.name), ".ink--name"),
            (f"  {clean(added.hostname)}  {added.transport}", ""),
            (f"  prefix {clean(added.tech_prefix)}" if added.tech_prefix else "", ""),
        ),
        Content(""),
        *by_hand(plan.by_hand, cells),
    ]
    return Content("\n").join(lines)


def by_hand(notes: list[str], cells: int) -> list[Content]:
    """Write what is left to do by hand, with its heading; nothing when there is nothing."""
    if not notes:
        return []
    return [
        heading("Left to do by hand"),
        *(line for note in notes for line in hung((" → ", ".ink--key"), note, cells, ".ink--step")),
    ]


def _call(number: int, call: PlannedCall, cells: int) -> list[Content]:
    room = cells - len(_INDENT)
    body = body_text(call.body)
    lines = wrap(body, room)
    if len(lines) > _BODY_LINES:
        lines = [*lines[: _BODY_LINES - 1], crop(" ".join(lines[_BODY_LINES - 1 :]), room)]
    return [
        Content.assemble((f"{number:>2} ", ".ink--faint"), (clean(call.title), ".ink--name")),
        *hung((f"{_INDENT}{call.method} ", ".ink--key"), call.url, cells),
        *(Content.styled(_INDENT + line, ".ink--faint") for line in lines if body != "{}"),
    ]


def body_text(body: JsonValue) -> str:
    """Write a body on one line; ids and secrets that are filled in later stand as ``<name>``."""
    match body:
        case {"$id": str(name)} | {"$secret": str(name)}:
            return f"<{clean(name)}>"
        case dict():
            return "{" + ", ".join(f"{clean(key)}: {body_text(value)}" for key, value in body.items()) + "}"
        case list():
            return "[" + ", ".join(map(body_text, body)) + "]"
        case str():
            return clean(body)
    return json.dumps(body)


def progress_panel(progress: SetupProgress, cells: int) -> Content:
    """Write each step with its state, and notes under them."""
    lines = [line for step in progress.steps for line in step_lines(step, cells)]
    return Content("\n").join(lines)


def step_lines(step: SetupStep, cells: int) -> list[Content]:
    """Write a step, its id at the carrier where it is known, and under it what is to be known of it."""
    glyph, word, ink = _STATES[step.state]
    state = fit(f" {glyph} {word}", 13)
    title = crop(clean(step.title), cells - width(state))
    room = cells - width(state) - width(title) - 2
    where = crop(f"  {clean(step.carrier_id)}", room) if step.carrier_id and room >= _SHORTEST_ID else ""
    lines = [Content.assemble((state, ink), title, (where, ".ink--faint"))]
    if step.note:
        lines += hung((" " * width(state), ""), step.note, cells, ".ink--step")
    return lines


def running_text(title: str) -> Content:
    """Say that it is under way."""
    return Content.styled(
        f"Setting it up at {clean(title)}… It goes on in provd if you leave; s in the list shows it.",
        ".ink--faint",
    )


def out_of_sight_text(error: str, cells: int) -> Content:
    """Say that the daemon went away, and that it is asked what became of the setup."""
    said = (
        f"{error}. If provd had begun it, it goes on there or is undone at its next start. It is asked "
        "again and again what became of it."
    )
    return Content("\n").join(hung(("✗ ", ".ink--suspect"), said, cells, ".ink--suspect"))


def failed_text(error: str, progress: SetupProgress, cells: int) -> Content:
    """Say why a setup failed, and what became of what it had made."""
    lines = hung(("✗ ", ".ink--unhealthy"), sentence(error), cells, ".ink--unhealthy")
    if progress.left:
        lines += hung(("→ ", ".ink--key"), _TRIED_AGAIN, cells, ".ink--step")
    return Content("\n").join(lines)


def done_text(
    provider: Provider, report: CheckReport | None, check_error: str, notes: list[str], cells: int
) -> list[Content]:
    """Say that it is set up, what the first check found, and what is left to do by hand."""
    return [
        Content.assemble(
            ("✓ It is set up. ", ".ink--healthy"),
            (clean(provider.name), ".ink--name"),
            f" leads to {clean(provider.hostname)} and is checked from now on.",
        ),
        _first_check(report, check_error),
        Content(""),
        *by_hand(notes, cells),
    ]


def _first_check(report: CheckReport | None, error: str) -> Content:
    if error:
        return Content.styled(f"✗ The first check was not made: {clean(error)}", ".ink--unhealthy")
    if report is None:
        return Content.styled("◌ Its first check is under way…", ".ink--key")
    condition = OF_STATUS[report.health_status]
    state = (f"{condition.label}", f".{condition.ink}")
    if not report.targets:
        return Content.assemble("First check: ", state, ", its name leads to no address")
    best = min(report.targets, key=lambda target: (target.rtt_ms is None, target.rtt_ms or 0.0))
    outcome = figures.answer_text(best.code, best.cause)
    if best.rtt_ms is None:
        said = clean(best.explanation)
    else:
        said = f"{clean(best.address or 'it')} answered {outcome} in {figures.rtt_text(best.rtt_ms)}"
    lines = [Content.assemble("First check: ", state, f", {said}")]
    return Content("\n").join([*lines, *([_to_do(best.next_step)] if best.next_step else [])])


def _to_do(words: str) -> Content:
    return Content.assemble(("→ ", ".ink--key"), (clean(words), ".ink--step"))
