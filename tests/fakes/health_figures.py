"""Health reports, histories and traces that look like a daemon's; the same for the same arguments."""

import math
from collections.abc import Sequence

from provd.schema.health import Cause, CertificateInfo, HealthStatus, Stages
from provd.schema.history import (
    Availability,
    History,
    HistoryPoint,
    ProviderHealth,
    Resolution,
    SampleEntry,
    TargetHealth,
    TransitionEntry,
)
from provd.schema.provider import Provider, Transport
from provd.schema.timestamps import from_timestamp, to_timestamp
from provd.schema.trace import Trace, TracedExchange

RESOLUTIONS = ((2 * 3600, Resolution.SAMPLE), (2 * 86400, Resolution.MINUTE), (math.inf, Resolution.HOUR))
OUTAGE = (0.55, 0.62)
UNMEASURED = (0.25, 0.33)
"""Shares of a history's range: nothing was answered, and nothing was checked."""


def a_transition(at: float, status: HealthStatus) -> TransitionEntry:
    """Make a change to ``status``."""
    down = status is HealthStatus.UNHEALTHY
    return TransitionEntry(
        at=to_timestamp(at),
        previous=HealthStatus.HEALTHY if down else HealthStatus.UNHEALTHY,
        status=status,
        cause=Cause.TIMEOUT if down else Cause.OK,
        code=None if down else 200,
        rtt_ms=None if down else 24.0,
        address="203.0.113.9:5060",
        explanation="No answer within 8 s." if down else "It answers again.",
    )


def a_history(provider_id: str, since: float, until: float, points: int) -> History:
    """Make a history with a wave, a spike, an outage with its transitions, and a time without checks."""
    width = until - since
    step = width / points
    outage = [since + width * share for share in OUTAGE]
    return History.model_validate(
        {
            "provider_id": provider_id,
            "from": to_timestamp(since),
            "to": to_timestamp(until),
            "step_s": step,
            "resolution": next(name for most, name in RESOLUTIONS if width <= most),
            "points": [_point(since + step * number, number / points) for number in range(points)],
            "transitions": [
                a_transition(outage[1], HealthStatus.HEALTHY),
                a_transition(outage[0], HealthStatus.UNHEALTHY),
            ],
        }
    )


def _point(at: float, share: float) -> HistoryPoint:
    if UNMEASURED[0] <= share < UNMEASURED[1]:
        return HistoryPoint(at=to_timestamp(at), count=0, ok=0)
    if OUTAGE[0] <= share < OUTAGE[1]:
        return HistoryPoint(at=to_timestamp(at), count=4, ok=0, loss_pct=100.0, availability_pct=0.0)
    p50 = 24.0 + 6.0 * math.sin(share * 12)
    lost = 25.0 if 0.8 < share < 0.84 else 0.0
    return HistoryPoint(
        at=to_timestamp(at),
        count=4,
        ok=3 if lost else 4,
        loss_pct=lost,
        min_ms=p50 - 3,
        mean_ms=p50 + 1,
        p50_ms=p50,
        p95_ms=p50 + (40.0 if 0.44 < share < 0.46 else 9.0),
        max_ms=p50 + 44,
        availability_pct=100.0,
    )


def a_target(address: str, now: float, *, up: bool = True, **fields: object) -> TargetHealth:
    """Make a target that answers, or does not."""
    rtts = [24.0, 25.0, 23.0, 24.0, 26.0, 24.0] * 8 if up else [24.0] * 40 + [None] * 8
    outcome: dict[str, object] = {
        "status": HealthStatus.HEALTHY,
        "cause": Cause.OK,
        "code": 200,
        "reason": "OK",
        "server": "Kamailio 5.8",
        "explanation": "It answers OPTIONS with 200 OK in 23 ms.",
        "rtt_ms": 22.6,
        "stages_ms": Stages(dns=2.1, connect=12.0, tls=31.4, sip=22.6),
    }
    if not up:
        outcome = {
            "status": HealthStatus.UNHEALTHY,
            "cause": Cause.TIMEOUT,
            "explanation": "No answer within 8 s.",
            "next_step": "Ask the carrier whether this address is in service.",
            "stages_ms": Stages(dns=2.1),
        }
    return TargetHealth.model_validate(
        {
            "address": address,
            "transport": Transport.UDP,
            "checked_at": to_timestamp(now - 4),
            "rtt_p50_ms": 23.0,
            "rtt_p95_ms": 31.0,
            "jitter_ms": 1.2,
            "loss_pct": 0.0 if up else 16.7,
            "samples": [
                SampleEntry(at=to_timestamp(now - 30 * (48 - number)), rtt_ms=rtt, ok=rtt is not None)
                for number, rtt in enumerate(rtts)
            ],
            **outcome,
            **fields,
        }
    )


def a_health(provider: Provider, now: float, targets: Sequence[TargetHealth] | None = None) -> ProviderHealth:
    """Make the full health of ``provider``, by default with an SRV target that is up and one that is not."""
    certificate = CertificateInfo(
        subject="CN=sbc1.acme.example",
        issuer="CN=R11",
        not_after=to_timestamp(now + 9.5 * 86400),
        days_left=9,
    )
    if targets is None:
        targets = [
            a_target(
                "203.0.113.9:5061",
                now,
                transport=Transport.TLS,
                priority=10,
                weight=60,
                name="sbc1.acme.example",
                certificate=certificate,
            ),
            a_target("203.0.113.10:5060", now, up=False, priority=20, weight=40, name="sbc2.acme.example"),
        ]
    return ProviderHealth(
        provider_id=provider.id,
        name=provider.name,
        health_status=provider.health_status,
        health_checked_at=provider.health_checked_at,
        health=provider.health,
        availability=Availability(day_pct=99.98, week_pct=99.5, month_pct=None),
        targets=list(targets),
        transitions=[],
    )


def an_exchange(
    provider_id: str, at: float, *, target: str = "203.0.113.9:5060", up: bool = True, **fields: object
) -> TracedExchange:
    """Make a check's exchange: OPTIONS and a 200 to it, or nothing."""
    sent = (
        f"OPTIONS sip:{target} SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK4f1c2a;rport\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:ping@invalid>;tag=8d1f\r\n"
        f"To: <sip:{target}>\r\n"
        "Call-ID: 5f0c2ab1d6e84e0f\r\n"
        "CSeq: 1 OPTIONS\r\n"
        "Contact: <sip:198.51.100.7:5060>\r\n"
        "Accept: application/sdp\r\n"
        "User-Agent: provd\r\n"
        "X-Account: ***\r\n"
        "Content-Length: 0\r\n"
        "\r\n"
    )
    received = (
        "SIP/2.0 200 OK\r\n"
        "Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK4f1c2a;rport=5060;received=198.51.100.7\r\n"
        "From: <sip:ping@invalid>;tag=8d1f\r\n"
        f"To: <sip:{target}>;tag=as58f4\r\n"
        "Call-ID: 5f0c2ab1d6e84e0f\r\n"
        "CSeq: 1 OPTIONS\r\n"
        "Server: Kamailio 5.8\r\n"
        "Content-Length: 0\r\n"
        "\r\n"
    )
    return TracedExchange.model_validate(
        {
            "provider_id": provider_id,
            "at": to_timestamp(at),
            "target": target,
            "transport": Transport.UDP,
            "cause": Cause.OK if up else Cause.TIMEOUT,
            "code": 200 if up else None,
            "rtt_ms": 22.6 if up else None,
            "retransmits": 0 if up else 6,
            "sent": sent,
            "received": received if up else "",
            **fields,
        }
    )


def a_trace(provider_id: str, now: float, exchanges: int = 12) -> Trace:
    """Make a trace of two targets in turn, of which the second does not answer."""
    return Trace(
        result=[
            an_exchange(
                provider_id,
                now - 4 - 15 * number,
                target="203.0.113.10:5060" if number % 2 else "203.0.113.9:5060",
                up=not number % 2,
            )
            for number in range(exchanges)
        ]
    )


def a_history_as_asked(provider_id: str, since: str, until: str, points: int) -> History:
    """Make a history for the query of the API."""
    return a_history(provider_id, from_timestamp(since), from_timestamp(until), points)
