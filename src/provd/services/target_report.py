"""One target as the API shows it: what a check of it found, and how it does."""

from provd.probe.address import address_text
from provd.probe.explain import NOT_CHECKED_YET, explain
from provd.probe.result import Judged
from provd.probe.stream.certificate import Certificate
from provd.probe.target import StreamTarget, Target, Watch
from provd.schema.health import CertificateInfo, Stages, TargetResult
from provd.schema.history import TargetHealth
from provd.schema.timestamps import to_timestamp
from provd.services.history.figures import sample_figures


def target_result(judged: Judged) -> TargetResult:
    """One target's part of a check's report."""
    result = judged.result
    target = result.target
    watch, stream = target.watch, result.stream
    words = explain(
        result.cause,
        result.code,
        result.reason_phrase or result.reason,
        timeout_s=watch.settings.timeout_s,
    )
    return TargetResult(
        address=None if target.address is None else address_text(target.address),
        cause=result.cause,
        code=result.code,
        reason=result.reason_phrase,
        explanation=words.explanation,
        next_step=words.next_step,
        server=None if result.answer is None else result.answer.server,
        rtt_ms=rounded(result.rtt_ms),
        retransmits=result.retransmits,
        stages_ms=Stages(
            dns=_dns_ms(watch),
            connect=None if stream is None else rounded(stream.connect_ms),
            tls=None if stream is None else rounded(stream.tls_ms),
            sip=rounded(result.rtt_ms),
        ),
        certificate=None
        if stream is None or stream.certificate is None
        else certificate_info(stream.certificate, judged.wall),
        checked_at=to_timestamp(judged.wall),
    )


def certificate_info(certificate: Certificate, wall: float) -> CertificateInfo:
    """A certificate on the wire; ``wall`` is now, in seconds since 1970."""
    return CertificateInfo(
        subject=certificate.subject,
        issuer=certificate.issuer,
        not_after=to_timestamp(certificate.not_after),
        days_left=certificate.days_left(wall),
    )


def rounded(value: float | None) -> float | None:
    """Milliseconds to the microsecond."""
    return None if value is None else round(value, 3)


def _dns_ms(watch: Watch) -> float | None:
    return None if watch.naming is None else rounded(watch.naming.took_ms)


def target_name(target: Target) -> tuple[str, str]:
    """A target's provider and its address in the history, like ``udp:192.0.2.1:5060``; ``dns`` for look-ups
    that led nowhere."""
    watch = target.watch
    if target.address is None:
        return watch.key, "dns"
    return watch.key, f"{watch.settings.transport.value}:{address_text(target.address)}"


def target_health(target: Target, wall: float) -> TargetHealth | None:
    """How a target does; None for a name that led nowhere. ``wall`` is now, in seconds since 1970."""
    if target.address is None:
        return None
    watch, answer = target.watch, target.answer
    timeout_s = watch.settings.timeout_s
    words = NOT_CHECKED_YET
    if target.cause is not None:
        code, phrase = (None, None) if answer is None else (answer.code, answer.reason)
        words = explain(target.cause, code, target.reason or phrase, timeout_s=timeout_s)
    candidate = None if watch.naming is None else watch.naming.candidates.get(target.address)
    stream = target if isinstance(target, StreamTarget) else None
    return TargetHealth(
        address=address_text(target.address),
        transport=watch.settings.transport,
        status=target.status,
        cause=target.cause,
        code=None if answer is None else answer.code,
        reason=None if answer is None else answer.reason,
        server=None if answer is None else answer.server,
        explanation=words.explanation,
        next_step=words.next_step,
        rtt_ms=rounded(target.rtt_ms),
        stages_ms=Stages(
            dns=_dns_ms(watch),
            connect=None if stream is None else rounded(stream.connect_ms),
            tls=None if stream is None else rounded(stream.tls_ms),
            sip=rounded(target.rtt_ms),
        ),
        checked_at=None if target.checked_at is None else to_timestamp(target.checked_at),
        priority=None if candidate is None else candidate.priority,
        weight=None if candidate is None else candidate.weight,
        name=None if candidate is None else candidate.name,
        certificate=None
        if stream is None or stream.certificate is None
        else certificate_info(stream.certificate, wall),
        **dict(sample_figures(target.samples)),
    )
