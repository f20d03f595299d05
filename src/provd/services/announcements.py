"""From what the monitor finds to the events that tell of it."""

from functools import singledispatch

from pydantic import BaseModel

from provd.probe.address import address_text
from provd.probe.explain import explain
from provd.probe.findings import AddressChange, CertificateExpiry, Flapping, Transition, UplinkChange
from provd.schema.events import (
    EventType,
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    UplinkEvent,
)
from provd.schema.timestamps import to_timestamp
from provd.services.target_report import certificate_info, rounded

Announcement = tuple[EventType, BaseModel]


@singledispatch
def announcement(finding: object, name: str) -> Announcement:
    """The event for a finding; ``name`` is the provider's, empty when it is about none."""
    raise TypeError(f"there is no event for {finding!r}")


@announcement.register
def _(finding: Transition, name: str) -> Announcement:
    timeout_s = finding.watch.settings.timeout_s
    words = explain(finding.cause, finding.code, finding.reason, timeout_s=timeout_s)
    return EventType.HEALTH_CHANGED, HealthChanged(
        provider_id=finding.watch.key,
        name=name,
        at=to_timestamp(finding.at),
        previous=finding.previous,
        status=finding.status,
        cause=finding.cause,
        code=finding.code,
        reason=finding.reason if finding.code is not None else None,
        rtt_ms=rounded(finding.rtt_ms),
        explanation=words.explanation,
        next_step=words.next_step,
    )


@announcement.register
def _(finding: AddressChange, name: str) -> Announcement:
    return EventType.HEALTH_ADDRESSES, HealthAddresses(
        provider_id=finding.watch.key,
        name=name,
        at=to_timestamp(finding.at),
        addresses=[address_text(each) for each in finding.addresses],
        added=[address_text(each) for each in finding.added],
        removed=[address_text(each) for each in finding.removed],
    )


@announcement.register
def _(finding: Flapping, name: str) -> Announcement:
    return EventType.HEALTH_FLAPPING, HealthFlapping(
        provider_id=finding.watch.key,
        name=name,
        at=to_timestamp(finding.at),
        flapping=finding.flapping,
        explanation="It goes up and down again and again: its path or its proxy is unstable."
        if finding.flapping
        else "Its status has been steady again for a while.",
    )


@announcement.register
def _(finding: CertificateExpiry, name: str) -> Announcement:
    certificate = certificate_info(finding.certificate, finding.at)
    days = certificate.days_left
    return EventType.HEALTH_CERTIFICATE, HealthCertificate(
        provider_id=finding.watch.key,
        name=name,
        at=to_timestamp(finding.at),
        address=address_text(finding.address),
        threshold_days=finding.threshold,
        certificate=certificate,
        explanation=f"The carrier's certificate {_when(days)}. Ask the carrier to renew it.",
    )


@announcement.register
def _(finding: UplinkChange, name: str) -> Announcement:
    if finding.suspect:
        return EventType.DAEMON_UPLINK_SUSPECT, UplinkEvent(
            at=to_timestamp(finding.at),
            failing=finding.failing,
            explanation=f"{finding.failing} providers failed one after the other and none answers: our own "
            "connection is suspected. Check this machine's network first.",
        )
    return EventType.DAEMON_UPLINK_RESTORED, UplinkEvent(
        at=to_timestamp(finding.at),
        failing=0,
        explanation="A provider answers again: our own connection works.",
    )


def _when(days_left: int) -> str:
    if days_left < 0:
        return "has ended"
    return "ends within a day" if days_left == 0 else f"ends in {days_left} day{'s' * (days_left > 1)}"
