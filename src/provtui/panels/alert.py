"""Alerts as text: a summary, one of the providers, what happened, and the messages about it."""

from collections.abc import Sequence

from textual.content import Content

from provd.schema.alerts import Alert, AlertedProvider, AlertState, Delivery, DeliveryState
from provd.schema.timestamps import NEVER
from provtui import figures
from provtui.alert_words import providers_text, severity_run
from provtui.panels.parts import heading, hung
from provtui.shortened import shortened
from provtui.text import clean, fit, width

_UPLINK = "our own uplink"
_STATES = {
    DeliveryState.SENT: ("✓ sent", ".ink--healthy"),
    DeliveryState.WAITING: ("◌ waiting", ".ink--suspect"),
    DeliveryState.FAILED: ("✗ given up", ".ink--unhealthy"),
}


def alert_summary(alert: Alert, now: float, cells: int, most: int) -> Content:
    """Write an alert in at most ``most`` lines: what it is and since when, who has it and why, what to do."""
    lines = [Content.assemble(" ", alert_head(alert), " ", alert_times(alert, now))]
    failing = [each for each in alert.providers if each.cleared_at == NEVER]
    if failing:
        lead = f" {_name(failing[0])}: " if alert.providers_total > 1 else " "
        lines += hung((lead, ".ink--name"), failing[0].explanation, cells)
        if failing[0].next_step:
            lines += hung((" → ", ".ink--key"), failing[0].next_step, cells, ".ink--step")
    return Content("\n").join(shortened(lines, cells, most))


def alert_head(alert: Alert) -> Content:
    """Write its severity and title."""
    text, ink = severity_run(alert.severity)
    return Content.assemble((text, f".{ink}" if ink else ""), f" {clean(alert.title)}")


def alert_times(alert: Alert, now: float) -> Content:
    """Write by which rule, in which state, since when, and who has acknowledged it."""
    at = figures.clock_text(alert.opened_at, now)
    lasted = figures.duration_text(figures.seconds_since(alert.opened_at, now))
    state = "open " if alert.state is AlertState.OPEN else ""
    said = f" {clean(alert.rule)}: {state}since {at} UTC ({lasted})"
    if alert.state is AlertState.RESOLVED:
        until = figures.clock_text(alert.resolved_at, now)
        said = f" {clean(alert.rule)}: from {at} to {until} UTC"
    if alert.acknowledged_at != NEVER:
        said += f", acked by {clean(alert.acknowledged_by)}"
    return Content.styled(said, ".ink--faint")


def provider_rows(providers: Sequence[AlertedProvider], now: float, cells: int) -> list[Content]:
    """Write each of its providers in a line: name, what was found, and since when it is so, is well, or is
    over for a reason that is given elsewhere.

    What was found has the room that names leave, and half of it where both are long.
    """
    names, found = [_name(each) for each in providers], [clean(each.value) for each in providers]
    times = [_since(each, now) for each in providers]
    last = _widest(times)
    room = cells - len("✗ ") - last - 2
    middle = min(_widest(found), max(room - _widest(names), room // 2))
    rows = []
    for provider, name, value, when in zip(providers, names, found, times, strict=True):
        well = provider.cleared_at != NEVER
        rows.append(
            Content.assemble(
                ("✓ ", ".ink--healthy") if well else ("✗ ", ".ink--unhealthy"),
                (fit(name, room - middle), ".ink--faint" if well else ".ink--name"),
                f" {fit(value, middle)} ",
                (fit(when, last, right=True), ".ink--faint"),
            )
        )
    return rows


def alert_detail(
    alert: Alert,
    chosen: AlertedProvider | None,
    deliveries: Sequence[Delivery] | None,
    now: float,
    cells: int,
) -> Content:
    """Write about the chosen one of its providers, then the history, and the messages about it; None: those
    were not read yet."""
    lines: list[Content] = []
    if chosen is not None:
        lines += hung(("", ""), chosen.explanation or chosen.value, cells)
        if chosen.next_step and chosen.cleared_at == NEVER:
            lines += hung(("→ ", ".ink--key"), chosen.next_step, cells, ".ink--step")
        if chosen.cleared_why:
            lines += hung(("over: ", ".ink--faint"), chosen.cleared_why, cells)
        lines.append(Content(""))
    left = alert.providers_total - len(alert.providers)
    shown = f"  the first {len(alert.providers)} are shown" if left > 0 else ""
    lines.append(
        Content.assemble(heading("Providers"), f"  {providers_text(alert)} still so", (shown, ".ink--faint"))
    )
    lines += [Content(""), heading("What happened")]
    for happened in alert.history:
        by = f" by {happened.by}" if happened.by else ""
        note = f": {happened.note}" if happened.note else ""
        lines += hung((f"{happened.at[5:19]} ", ".ink--faint"), f"{happened.what}{by}{note}", cells)
    if deliveries is None:
        return Content("\n").join(lines)
    lines += [Content(""), heading("Messages")]
    lines += deliveries_lines(deliveries, cells) or [
        Content.styled("None: no channel was told.", ".ink--faint")
    ]
    return Content("\n").join(lines)


def deliveries_lines(deliveries: Sequence[Delivery], cells: int, *, titles: bool = False) -> list[Content]:
    """Write messages, each with what became of it; with its title where ``titles`` are wanted."""
    lines: list[Content] = []
    for each in deliveries:
        word, ink = _STATES[each.state]
        what = f"{each.what}: {each.title}" if titles else each.what
        lead = Content.assemble(
            (f"{each.tm_create[5:19]} ", ".ink--faint"),
            (f"{word:<11}", ink),
            clean(f"{each.channel}  {what}"),
        )
        lines.append(lead)
        if each.state is not DeliveryState.SENT:
            lines += hung(("  ", ""), _why(each), cells)
    return lines


def _since(provider: AlertedProvider, now: float) -> str:
    if provider.cleared_at == NEVER:
        return f"since {figures.clock_text(provider.since, now)}"
    said = "over" if provider.cleared_why else "well"
    return f"{said} since {figures.clock_text(provider.cleared_at, now)}"


def _widest(texts: Sequence[str]) -> int:
    return max(map(width, texts), default=0)


def _why(delivery: Delivery) -> str:
    tried = f"tried {delivery.attempts} time{'' if delivery.attempts == 1 else 's'}"
    if delivery.state is DeliveryState.FAILED:
        return f"{delivery.error or 'no reason given'} ({tried})"
    if not delivery.error:
        return "it is its turn next"
    return f"{delivery.error} ({tried}, again at {delivery.next_attempt_at[11:19]} UTC)"


def _name(provider: AlertedProvider) -> str:
    return clean(provider.name) or _UPLINK
