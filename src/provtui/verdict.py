"""The verdict on a provider in sentences: what is wrong, since when, and what to do."""

from textual.content import Content

from provd.schema.health import Cause
from provd.schema.provider import Provider
from provtui.condition import Condition, condition_of
from provtui.figures import answer_text, clock_text, duration_text, percent_text, rtt_text, seconds_since
from provtui.text import clean

_SENTENCES = {
    Cause.OK: "The last check was answered",
    Cause.TIMEOUT: "The last check had no answer in time",
    Cause.REFUSED: "The last check was refused: nothing listens there",
    Cause.UNREACHABLE: "The last check did not get there: the network says unreachable",
    Cause.DNS_NXDOMAIN: "The hostname does not exist in DNS",
    Cause.DNS_TIMEOUT: "DNS did not answer in time",
    Cause.DNS_ERROR: "DNS answered with an error",
    Cause.PROTOCOL: "What came back was not a valid SIP response",
    Cause.LOCAL: "The check could not be sent from this host",
}


def explanation(provider: Provider) -> str:
    """Give the verdict in a sentence: the daemon's, or when an event has outdated that one, our own."""
    if not provider.enabled:
        return f"It is disabled, so it is not checked. The last result: {_result(provider)}"
    return _result(provider)


def _result(provider: Provider) -> str:
    if provider.health.explanation:
        return clean(provider.health.explanation)
    health = provider.health
    if health.cause is None:
        return "It has not been checked yet."
    sentence = _SENTENCES[health.cause]
    if health.code is not None:
        sentence += f" with {answer_text(health.code, health.cause)}"
    if health.rtt_ms is not None:
        sentence += f" in {rtt_text(health.rtt_ms)}"
    return sentence + "."


def headline(provider: Provider, now: float) -> Content:
    """Give its condition and since when: ``✗ unhealthy for 29m, since 02:41 UTC``."""
    condition = condition_of(provider)
    since = provider.health.since
    duration = duration_text(seconds_since(since, now))
    lasting = "" if since is None or condition is Condition.DISABLED else f" for {duration}"
    lasting = lasting.replace(" for now", " just now")
    at = f", since {clock_text(since, now)} UTC" if lasting else ""
    flapping = ", flapping" if provider.health.flapping else ""
    return Content.assemble(
        (condition.label, f".{condition.ink}"), (f"{lasting}{at}{flapping}", ".ink--faint")
    )


def next_step(provider: Provider) -> Content:
    """Give what to do, or when nothing is wrong, the figures."""
    health = provider.health
    if not provider.enabled:
        return Content.assemble(("→ ", ".ink--key"), ("x enables it again.", ".ink--step"))
    if health.next_step:
        return Content.assemble(("→ ", ".ink--key"), (clean(health.next_step), ".ink--step"))
    if health.rtt_p50_ms is None and health.loss_pct is None:
        return Content("")
    figures = (
        f"RTT {rtt_text(health.rtt_ms)}, p50 {rtt_text(health.rtt_p50_ms)}, p95 {rtt_text(health.rtt_p95_ms)}"
    )
    return Content.styled(f"{figures}, loss {percent_text(health.loss_pct)}", ".ink--faint")
