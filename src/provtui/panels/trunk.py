"""A trunk at its carrier as text: what setup made, its key, and how it compares with the carrier."""

from textual.content import Content

from provd.schema.setup import Finding, Setup, SetupState, Verification
from provtui import figures
from provtui.panels.parts import heading, hung
from provtui.panels.setup import SETUP_STATES, by_hand, step_lines
from provtui.text import clean
from provtui.trunk_view import TrunkView

_LABEL = 10
_BY_HAND = (
    "This provider was added by hand: provd made nothing for it at a carrier, so there is nothing there that "
    "it could compare, or remove when you delete it. n in the list sets a trunk up at a carrier."
)
_FINDINGS = {
    "missing": ("✗ missing", ".ink--unhealthy"),
    "changed": ("! changed", ".ink--suspect"),
    "foreign": ("? foreign", ".ink--unknown"),
}


def trunk_panel(view: TrunkView, now: float, cells: int) -> Content:
    """Write what is known of a trunk in ``cells`` cells."""
    if view.by_hand:
        return Content(_BY_HAND)
    setup, notice = view.setup.value, view.setup.notice
    lines = [notice] if notice else []
    if setup is not None:
        lines += [*_head(setup, now), Content(""), *_made(setup, cells)]
        notes = by_hand(setup.by_hand, cells)
        lines += [Content(""), *notes] if notes else []
        lines += [Content(""), *_comparison(view, now, cells)]
    return Content("\n").join(lines)


def _head(setup: Setup, now: float) -> list[Content]:
    when = figures.clock_text(setup.tm_create, now)
    proved = figures.age_text(figures.seconds_since(setup.key_verified_at, now))
    ago = {figures.DASH: "not proved yet", "now": "proved just now"}.get(proved, f"proved {proved} ago")
    key = f"…{clean(setup.key_ends)}, {ago}" if setup.key_ends else f"kept by provd, {ago}"
    made = f"at {clean(setup.carrier)} by {clean(setup.by)}, {when} UTC"
    state = "" if setup.state is SetupState.DONE else SETUP_STATES[setup.state][0]
    lines = [
        Content.assemble(_label("set up"), f"{made}  ", (state, SETUP_STATES[setup.state][1])),
        Content.assemble(_label("key"), key),
    ]
    if setup.error and setup.state is not SetupState.DONE:
        lines.append(Content.styled(f"✗ {clean(setup.error)}", ".ink--unhealthy"))
    return lines


def _made(setup: Setup, cells: int) -> list[Content]:
    head = heading("What setup made")
    return [head, *(line for step in setup.steps for line in step_lines(step, cells))]


def _comparison(view: TrunkView, now: float, cells: int) -> list[Content]:
    head = heading("Compared with the carrier")
    if view.verifying:
        return [Content.assemble(head, ("  asking it…", ".ink--key"))]
    found = view.verification.value
    lines = []
    if view.verification.error:
        lines.append(Content.styled(f"✗ Not compared: {clean(view.verification.error)}", ".ink--unhealthy"))
    if found is None:
        return [Content.assemble(head, ("  v does it now; provd does it once a day", ".ink--faint")), *lines]
    age = figures.age_text(figures.seconds_since(found.at, now))
    when = "  just now" if age == "now" else f"  {age} ago"
    return [Content.assemble(head, (when, ".ink--faint")), *lines, *_found(found, cells)]


def _found(found: Verification, cells: int) -> list[Content]:
    if found.findings:
        lines = [line for finding in found.findings for line in _finding(finding, cells)]
    else:
        lines = [Content.styled("✓ Everything is there as it was made.", ".ink--healthy")]
    numbers = ", ".join(map(clean, found.numbers)) or "none on the trunk"
    lines.append(Content.assemble(_label("numbers"), numbers))
    if found.account is not None and found.account.balance:
        balance = clean(f"{found.account.balance} {found.account.currency}".strip())
        lines.append(Content.assemble(_label("balance"), balance))
    return lines


def _finding(finding: Finding, cells: int) -> list[Content]:
    word, ink = _FINDINGS[finding.kind]
    return hung((f"{word}  ", ink), finding.message, cells)


def _label(text: str) -> tuple[str, str]:
    return f"{text:<{_LABEL}}", ".ink--faint"
