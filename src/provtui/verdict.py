"""The verdict on a provider in sentences: what is wrong, since when, and what to do."""

from textual.content import Content

from provd.schema.health import Cause
from provd.schema.provider import Provider
from provd.schema.timestamps import NEVER
from provtui.condition import Condition, condition_of, measured, state_label
from provtui.figures import (
    DASH,
    age_text,
    answer_text,
    clock_text,
    days_left_text,
    duration_text,
    end_text,
    percent_text,
    rtt_text,
    seconds_since,
)
from provtui.notes import Note, notes_of
from provtui.recent import recent_figures
from provtui.text import clean, sentence

_SENTENCES = {
    Cause.OK: "The last check was answered",
    Cause.REPLY_EXCLUDED: "The last check was answered, but not with a code that counts",
    Cause.TIMEOUT: "The last check had no answer in time",
    Cause.REFUSED: "The last check was refused: nothing listens there",
    Cause.UNREACHABLE: "The last check did not get there: the network says unreachable",
    Cause.DNS_NXDOMAIN: "The hostname does not exist in DNS",
    Cause.DNS_TIMEOUT: "DNS did not answer in time",
    Cause.DNS_ERROR: "DNS answered with an error",
    Cause.TLS_VERIFY: "The certificate can't be trusted",
    Cause.TLS_ERROR: "TLS could not be agreed on",
    Cause.PROTOCOL: "What came back was not a valid SIP response",
    Cause.LOCAL: "The check could not be sent from this host",
}

_IMPAIRED_STEP = "Its tab Calls (p) shows what they end with: ask the carrier."


def explanation(provider: Provider) -> str:
    """Give the verdict in a sentence: the daemon's, or when an event has outdated that one, our own."""
    if not provider.enabled:
        return f"It is disabled, so it is not checked. The last result: {_result(provider)}"
    return _result(provider)


def _result(provider: Provider) -> str:
    if measured(provider) is Condition.IMPAIRED and provider.health.impaired_reason:
        return f"{sentence(clean(provider.health.impaired_reason))}."
    if provider.health.explanation:
        return clean(provider.health.explanation)
    health = provider.health
    if health.cause is None:
        return "It has not been checked yet."
    said = _SENTENCES[health.cause]
    if health.code is not None:
        said += f" with {answer_text(health.code, health.cause)}"
    if health.rtt_ms is not None:
        said += f" in {rtt_text(health.rtt_ms)}"
    return said + "."


def headline(provider: Provider, now: float) -> Content:
    """Give its state and since when: ``✗ unhealthy for 29m, since 02:41 UTC``."""
    condition = condition_of(provider)
    since = provider.health.since
    duration = duration_text(seconds_since(since, now))
    lasting = "" if since is None or condition is Condition.DISABLED else f" for {duration}"
    lasting = lasting.replace(" for now", " just now")
    at = f", since {clock_text(since, now)} UTC" if lasting else ""
    return Content.assemble((state_label(provider), f".{condition.ink}"), (f"{lasting}{at}", ".ink--faint"))


def noted(provider: Provider, now: float) -> Content:
    """Give the notes on it in a few words, to go after the headline; the remarks say more."""
    phrases = [
        _maintenance(provider, now) if note is Note.MAINTENANCE else note.phrase
        for note in notes_of(provider)
    ]
    return Content.styled("".join(f", {phrase}" for phrase in phrases), f".{Note.MAINTENANCE.ink}")


def remarks(provider: Provider, now: float) -> list[Content]:
    """Give what else to know, a line each: maintenance, what keeps it from being checked, and warnings."""
    health = provider.health
    said: list[str] = []
    if health.stale and provider.enabled:
        said.append("These figures are stale: it has not been checked for longer than it should be.")
    if health.flapping:
        said.append("It is flapping: its state goes up and down again and again.")
    if health.busy_until is not None:
        at = end_text(health.busy_until, now)
        said.append(f"It is busy: it asked to be left alone until {at} UTC, and is.")
    if health.dns_problem is not None:
        age = age_text(health.resolved_age_s)
        old = "" if age in (DASH, "now") else f" Its addresses are {age} old."
        said.append(f"Looking its name up fails: {clean(health.dns_problem)}.{old}")
    if Note.CERTIFICATE in notes_of(provider) and health.tls_days_left is not None:
        ends = days_left_text(health.tls_days_left)
        said.append(f"Its certificate {ends}. Ask the carrier to renew it.")
    said += [clean(warning) for warning in provider.warnings]
    lines = [Content.assemble(("! ", ".ink--suspect"), text) for text in said]
    return lines if provider.maintenance is None else [maintenance_remark(provider, now), *lines]


def maintenance_remark(provider: Provider, now: float) -> Content:
    """Say until when it is in maintenance, who set it, and why; empty when it is not."""
    maintenance = provider.maintenance
    if maintenance is None:
        return Content("")
    why = f": {clean(maintenance.reason)}" if maintenance.reason else ""
    text = f"In {_maintenance(provider, now)}, set by {clean(maintenance.by)}{why}"
    return Content.styled(f"{Condition.MAINTENANCE.glyph} {text}", f".{Condition.MAINTENANCE.ink}")


def _maintenance(provider: Provider, now: float) -> str:
    if provider.maintenance is None:
        return ""
    until = provider.maintenance.until
    return "maintenance without end" if until == NEVER else f"maintenance until {end_text(until, now)} UTC"


def next_step(provider: Provider) -> Content:
    """Give what to do, or when nothing is wrong, the figures."""
    health = provider.health
    if not provider.enabled:
        return Content.assemble(("→ ", ".ink--key"), ("x enables it again.", ".ink--step"))
    if health.next_step:
        return Content.assemble(("→ ", ".ink--key"), (clean(health.next_step), ".ink--step"))
    if measured(provider) is Condition.IMPAIRED:
        return Content.assemble(("→ ", ".ink--key"), (_IMPAIRED_STEP, ".ink--step"))
    if not health.recent:
        return Content("")
    over = recent_figures(health)
    figures = (
        f"RTT {rtt_text(health.rtt_ms)}, p50 {rtt_text(over.rtt_p50_ms)}, p95 {rtt_text(over.rtt_p95_ms)}"
    )
    return Content.styled(f"{figures}, loss {percent_text(health.loss_pct)}", ".ink--faint")
