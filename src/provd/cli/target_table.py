"""The targets of a provider as text for people: what a check of each said, and how each does."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from provd.cli.figures import code, ms, percent
from provd.cli.output import columns, printable
from provd.schema.health import CertificateInfo, CheckReport, TargetResult
from provd.schema.history import TargetHealth

NOTHING = "-"

T = TypeVar("T", TargetResult, TargetHealth)
Column = tuple[str, Callable[[T], str]]


def check_table(report: CheckReport) -> str:
    """What each target said, and what that means."""
    table = _table(
        [
            ("ADDRESS", lambda each: each.address or NOTHING),
            ("CAUSE", lambda each: each.cause.value),
            ("CODE", lambda each: code(each.code)),
            ("DNS", lambda each: ms(each.stages_ms.dns)),
            ("CONNECT", lambda each: ms(each.stages_ms.connect)),
            ("TLS", lambda each: ms(each.stages_ms.tls)),
            ("SIP", lambda each: ms(each.stages_ms.sip)),
            ("RESENT", lambda each: str(each.retransmits)),
            ("CERTIFICATE", lambda each: _certificate(each.certificate)),
            ("WHY", lambda each: each.explanation),
        ],
        report.targets,
    )
    return "\n".join([table, f"health: {report.health_status.value}", *next_steps(report.targets)])


def target_table(targets: Sequence[TargetHealth]) -> str:
    """How each target does."""
    return _table(
        [
            ("TARGET", lambda each: f"{each.transport.value}:{each.address}"),
            ("HEALTH", lambda each: each.status.value),
            ("CAUSE", lambda each: each.cause.value if each.cause else NOTHING),
            ("CODE", lambda each: code(each.code)),
            ("DNS", lambda each: ms(each.stages_ms.dns)),
            ("CONNECT", lambda each: ms(each.stages_ms.connect)),
            ("TLS", lambda each: ms(each.stages_ms.tls)),
            ("SIP", lambda each: ms(each.stages_ms.sip)),
            ("P95", lambda each: ms(each.rtt_p95_ms)),
            ("LOSS", lambda each: percent(each.loss_pct)),
            ("NAME", _name),
            ("CERTIFICATE", lambda each: _certificate(each.certificate)),
            ("WHY", lambda each: each.explanation),
        ],
        targets,
    )


def next_steps(targets: Sequence[TargetResult] | Sequence[TargetHealth]) -> list[str]:
    """What to do about the targets, each step once."""
    return [printable(step) for step in dict.fromkeys(each.next_step for each in targets) if step]


def _table(every: Sequence[Column[T]], targets: Sequence[T]) -> str:
    """Lay targets out; what none of them has is no column, except of those that all transports have."""
    shown = [
        (header, cell)
        for header, cell in every
        if header not in _SOME_HAVE or any(cell(each) != NOTHING for each in targets)
    ]
    return columns([header for header, _ in shown], [[cell(each) for _, cell in shown] for each in targets])


_SOME_HAVE = frozenset({"CONNECT", "TLS", "NAME", "CERTIFICATE"})


def _name(target: TargetHealth) -> str:
    if not target.priority and not target.weight:
        return target.name or NOTHING
    return f"{target.name} (priority {target.priority}, weight {target.weight})"


def _certificate(certificate: CertificateInfo | None) -> str:
    return NOTHING if certificate is None else f"{certificate.days_left} d: {certificate.subject}"
