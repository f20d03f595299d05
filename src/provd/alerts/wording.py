"""What an alert says: what is wrong, since when, why, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from provd.alerts.incident import UPLINK_KEY, Incident, Member, What
from provd.schema.timestamps import to_timestamp

_NAMED = 8
_GROUPS = 6


@dataclass(frozen=True, slots=True)
class Message:
    """A message to people: one line, and some more. It has no control characters but line ends."""

    title: str
    body: str


def title(incident: Incident) -> str:
    """What is wrong, in one line."""
    members = list(incident.members.values())
    if len(members) > 1:
        return f"{len(members)} providers: {incident.phrase}"
    if members[0].provider_id == UPLINK_KEY:
        return _clean(f"our own uplink is suspect: {members[0].found.value}")
    return _clean(f"{members[0].name}: {members[0].found.value}")


def message(incident: Incident, what: What, now: float) -> Message:
    """The message about an alert at ``now``, in seconds since 1970."""
    severity = incident.severity.value.upper()
    head = {
        "opened": severity,
        "acknowledged": "ACKNOWLEDGED",
        "reminded": f"STILL {severity}",
        "escalated": f"{severity}, NOT ACKNOWLEDGED",
        "resolved": "RESOLVED",
    }[what]
    lines = [*_since(incident, what, now), ""]
    lines += _over(incident) if what == "resolved" else _wrong(incident)
    lines += ["", f"Rule {incident.rule}, alert {incident.id}."]
    if what in ("opened", "reminded", "escalated"):
        lines.append(f"Take it on: provctl alerts ack {incident.id}")
    return Message(f"[{head}] {title(incident)}", "\n".join(map(_clean, lines)))


def _since(incident: Incident, what: What, now: float) -> list[str]:
    since = min(each.since for each in incident.members.values())
    if what == "resolved":
        until = incident.resolved_at or now
        return [
            f"It began {_moment(since)} UTC and was over {_moment(until)} UTC, {_span(until - since)} later."
        ]
    total, over = len(incident.members), [each for each in incident.members.values() if each.cleared_at]
    left = sum(each.cleared_why != "" for each in over)
    well = len(over) - left
    said = [f"{well} of {total} are well again."] if well else []
    said += [f"{left} of {total} left it for another reason."] if left else []
    return [" ".join([f"Since {_moment(since)} UTC, for {_span(now - since)}.", *said])]


def _wrong(incident: Incident) -> list[str]:
    groups: dict[tuple[str, str | None], list[Member]] = {}
    for member in incident.failing():
        groups.setdefault((member.found.explanation, member.found.next_step), []).append(member)
    lines: list[str] = []
    largest = sorted(groups.items(), key=lambda each: -len(each[1]))
    for (explanation, next_step), members in largest[:_GROUPS]:
        if len(incident.members) > 1:
            lines.append(f"{len(members)}: {_names(members)}")
        lines.append(f"Why: {explanation}")
        if next_step:
            lines.append(f"Next: {next_step}")
    left_out = sum(len(members) for _, members in largest[_GROUPS:])
    if left_out:
        lines.append(f"and {left_out} more, for other reasons")
    return lines


def _over(incident: Incident) -> list[str]:
    reasons: dict[str, list[Member]] = {}
    for member in incident.members.values():
        reasons.setdefault(member.cleared_why, []).append(member)
    if list(reasons) == [""]:
        members = list(incident.members.values())
        return ["It is well again." if len(members) == 1 else f"All are well again: {_names(members)}"]
    return [f"{why or 'well again'}: {_names(members)}" for why, members in reasons.items()]


def _names(members: Sequence[Member]) -> str:
    shown = ", ".join(each.name for each in members[:_NAMED])
    return shown + (f" and {len(members) - _NAMED} more" if len(members) > _NAMED else "")


def _moment(at: float) -> str:
    return to_timestamp(at)[:19]


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            whole, rest = divmod(int(seconds), size)
            smaller = {"d": ("h", 3600), "h": ("min", 60)}.get(unit)
            if smaller is not None and rest >= smaller[1]:
                return f"{whole} {unit} {rest // smaller[1]} {smaller[0]}"
            return f"{whole} {unit}"
    return f"{max(0, int(seconds))} s"


def _clean(text: str) -> str:
    """Without characters that don't print: part of it is what a peer or a carrier wrote."""
    return "".join(each if each.isprintable() else " " for each in text)
