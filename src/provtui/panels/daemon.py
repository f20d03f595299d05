"""The daemon, its keyring and its redirect server as text."""

from collections.abc import Iterable, Sequence

from textual.content import Content

from provd.schema.redirect import Redirect
from provd.schema.setup import KeyringReport
from provd.schema.status import RedirectStatus, Status, Version
from provtui import figures
from provtui.panels.parts import heading, hung
from provtui.text import clean

_LABEL = 16
_REDIRECTED = 302


def status_panel(version: Version, status: Status, cells: int) -> Content:
    """Write how the daemon does, in ``cells`` cells."""
    sections = {
        "The daemon": _daemon_facts(version, status),
        "Checks": _check_facts(status),
        "The store": _store_facts(status),
        "Redirect server": _redirect_facts(status.redirect),
    }
    return Content("\n\n").join([_section(title, facts, cells) for title, facts in sections.items()])


def keyring_panel(report: KeyringReport, cells: int) -> Content:
    """Write which keyring is in use, and whether it works."""
    works = ("✓ works", ".ink--healthy") if report.usable else ("✗ does not work", ".ink--unhealthy")
    facts = [("backend", report.backend), ("what it is", report.description), ("keys", str(report.keys))]
    if report.error:
        facts.append(("error", report.error))
    tried = "an entry was written, read and removed" if report.usable else "an entry was tried"
    return Content("\n").join([Content.assemble(works, (f": {tried}", ".ink--faint")), *_facts(facts, cells)])


def redirects_panel(status: RedirectStatus, redirects: Sequence[Redirect], now: float, cells: int) -> Content:
    """Write the state of the redirect server, and the latest calls, newest first."""
    lines = [heading("The redirect server"), *_facts(_redirect_facts(status), cells), Content("")]
    lines.append(heading(f"The latest {len(redirects)} calls" if redirects else "No call yet"))
    for each in redirects:
        lines += _redirect(each, now, cells)
    return Content("\n").join(lines)


def _daemon_facts(version: Version, status: Status) -> list[tuple[str, str]]:
    events, you = status.events, status.you
    return [
        ("version", f"{version.version}, API {version.api.current} (from {version.api.minimum} on)"),
        ("running for", f"{figures.duration_text(status.uptime_s)}, since {status.started_at[:19]} UTC"),
        ("loop lag", f"{status.loop_lag_ms:.1f} ms"),
        ("events", f"{figures.count_text(events.seq)}, read by {events.subscribers}"),
        ("you", f"{you.user} (uid {you.uid}), {you.role}"),
    ]


def _check_facts(status: Status) -> list[tuple[str, str]]:
    monitor, of, count = status.monitor, status.providers, figures.count_text
    ill = f"{count(of.unhealthy)} unhealthy, {count(of.unknown)} unknown, {count(of.disabled)} disabled"
    asked = (monitor.requests_answered_total, monitor.requests_ignored_total)
    return [
        ("providers", f"{count(of.healthy)} healthy, {ill}"),
        ("targets", f"{count(monitor.targets)}, {count(monitor.connections)} connections open"),
        ("rate", f"{monitor.checks_per_s:.1f}/s, {count(monitor.in_flight)} under way"),
        ("behind", f"{monitor.behind_ms:.1f} ms"),
        ("so far", f"{count(monitor.checks_total)} checks, {count(monitor.answers_total)} answers"),
        ("sent again", count(monitor.retransmits_total)),
        ("strays", count(monitor.strays_total)),
        ("not sent", count(monitor.send_errors_total)),
        ("asked by peers", f"{count(asked[0])} answered, {count(asked[1])} ignored"),
    ]


def _store_facts(status: Status) -> list[tuple[str, str]]:
    store, history, count = status.store, status.history, figures.count_text
    return [
        ("backend", store.backend),
        ("state", "writable" if store.writable else f"not writable: {store.error or 'no reason given'}"),
        ("pending", f"{count(store.pending)} health rows, {count(history.pending)} samples"),
        ("history", f"of {count(history.targets)} targets, {count(history.left_out)} have none"),
    ]


def _redirect(redirect: Redirect, now: float, cells: int) -> list[Content]:
    good = redirect.code == _REDIRECTED
    head = Content.assemble(
        (f"{redirect.at[11:19]} ", ".ink--faint"),
        (str(redirect.code), ".ink--healthy" if good else ".ink--unhealthy"),
        f" {clean(redirect.number or redirect.destination)}",
        (f"  from {clean(redirect.source)} {clean(redirect.transport)}", ".ink--faint"),
    )
    lines = [head]
    tried = ", ".join(each.provider for each in redirect.attempts)
    passed = ", ".join(f"{each.provider} ({each.reason})" for each in redirect.skipped)
    for label, said in (("try ", tried), ("not ", passed), ("", redirect.message)):
        if said:
            lines += hung((f"         {label}", ".ink--faint"), said, cells)
    return lines


def _redirect_facts(status: RedirectStatus) -> list[tuple[str, str]]:
    count = figures.count_text
    if not status.listening:
        return [("listening", "nowhere: [redirect] listen in the configuration says where")]
    return [
        ("listening", ", ".join(status.listening)),
        ("redirected", count(status.redirects_total)),
        ("refused", count(status.refused_total)),
        ("repeated", count(status.repeated_total)),
        ("other requests", count(status.others_total)),
        ("not allowed", count(status.dropped_total)),
        ("ignored", count(status.ignored_total)),
    ]


def _section(title: str, facts: Iterable[tuple[str, str]], cells: int) -> Content:
    return Content("\n").join([heading(title), *_facts(facts, cells)])


def _facts(facts: Iterable[tuple[str, str]], cells: int) -> list[Content]:
    return [
        line for label, value in facts for line in hung((f"{label:<{_LABEL}}", ".ink--faint"), value, cells)
    ]
