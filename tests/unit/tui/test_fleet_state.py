from collections.abc import Sequence

import pytest

from provd.client import Event
from provd.schema.events import (
    EventType,
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    HealthSample,
    MaintenanceEvent,
    ProviderEvent,
    Sample,
    UplinkEvent,
)
from provd.schema.health import Cause, CertificateInfo, HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.provider import Provider
from provd.schema.timestamps import to_timestamp
from provtui import state
from provtui.condition import Condition, condition_of
from provtui.state import FleetState, Link, LinkPhase
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider


def fleet(*providers: Provider) -> FleetState:
    return state.load(FleetState(), providers, NOW)


def sampled(
    provider: Provider,
    rtt_ms: float | None,
    *,
    at: float = NOW,
    status: HealthStatus = HealthStatus.HEALTHY,
    code: int | None = None,
) -> Event:
    cause = Cause.OK if rtt_ms is not None else Cause.TIMEOUT
    sample = Sample(
        provider_id=provider.id, at=to_timestamp(at), status=status, cause=cause, code=code, rtt_ms=rtt_ms
    )
    return Event(EventType.HEALTH_SAMPLE, None, HealthSample(samples=[sample]))


def went(provider: Provider, status: HealthStatus, *, at: float = NOW) -> Event:
    change = HealthChanged(
        provider_id=provider.id,
        name=provider.name,
        at=to_timestamp(at),
        previous=provider.health_status,
        status=status,
        cause=Cause.TIMEOUT,
        explanation="No answer.",
        next_step="Call them.",
    )
    return Event(EventType.HEALTH_CHANGED, 1, change)


def wrote(kind: EventType, provider: Provider) -> Event:
    data = ProviderEvent(provider_id=provider.id, at=to_timestamp(NOW), by="mara", provider=provider)
    return Event(kind, 2, data)


def after(before: FleetState, *events: Event) -> state.Step:
    return state.apply(before, events, NOW + 1)


def test_a_list_replaces_what_was_known_and_is_counted() -> None:
    known = fleet(
        a_provider("A"), a_provider("B", status=HealthStatus.UNHEALTHY), a_provider("C", enabled=False)
    )
    assert known.counts == {
        Condition.UNHEALTHY: 1,
        Condition.SUSPECT: 0,
        Condition.UNKNOWN: 0,
        Condition.IMPAIRED: 0,
        Condition.HEALTHY: 1,
        Condition.MAINTENANCE: 0,
        Condition.DISABLED: 1,
    }
    again = state.load(known, [a_provider("D")], NOW)
    assert list(again.providers) == ["id-d"]


def test_a_sample_is_appended_and_figures_are_recomputed() -> None:
    provider = a_provider("A")
    step = after(fleet(provider), sampled(provider, None))
    health = step.state.providers["id-a"].health
    assert step.changed == {"id-a"}
    assert health.recent[-2:] == [23.0, None]
    assert len(health.recent) == 30
    assert health.rtt_ms is None
    assert health.loss_pct == pytest.approx(100 / 30)


def test_a_lost_check_of_a_healthy_provider_makes_it_suspect_until_the_next_answer() -> None:
    provider = a_provider("A")
    lost = after(fleet(provider), sampled(provider, None)).state
    assert condition_of(lost.providers["id-a"]) is Condition.SUSPECT
    assert lost.counts[Condition.SUSPECT] == 1
    back = after(lost, sampled(provider, 20.0, at=NOW + 30)).state
    assert condition_of(back.providers["id-a"]) is Condition.HEALTHY


def test_a_sample_that_is_not_newer_than_the_last_check_does_nothing() -> None:
    provider = a_provider("A", age_s=4.0)
    before = fleet(provider)
    for at in (NOW - 4.0, NOW - 60.0):
        step = after(before, sampled(provider, 99.0, at=at))
        assert step.changed == frozenset()
        assert step.state.providers == before.providers


def test_a_sample_with_another_outcome_drops_the_sentences_about_the_old_one() -> None:
    provider = a_provider("A")
    step = after(fleet(provider), sampled(provider, 21.0, code=503))
    health = step.state.providers["id-a"].health
    assert (health.explanation, health.reason, health.code) == ("", None, 503)


def test_a_change_of_health_brings_status_sentence_and_since() -> None:
    provider = a_provider("A")
    step = after(fleet(provider), went(provider, HealthStatus.UNHEALTHY))
    changed = step.state.providers["id-a"]
    assert changed.health_status is HealthStatus.UNHEALTHY
    assert (changed.health.explanation, changed.health.next_step) == ("No answer.", "Call them.")
    assert changed.health.since == to_timestamp(NOW)
    assert step.state.counts[Condition.UNHEALTHY] == 1


def test_a_change_and_a_sample_of_the_same_check_count_it_once() -> None:
    provider = a_provider("A")
    down = HealthStatus.UNHEALTHY
    step = after(fleet(provider), went(provider, down), sampled(provider, None, status=down))
    changed = step.state.providers["id-a"]
    assert changed.health.recent.count(None) == 1
    assert changed.health.explanation == "No answer."


def test_a_change_older_than_the_present_status_does_nothing() -> None:
    provider = a_provider("A", for_s=60.0)
    step = after(fleet(provider), went(provider, HealthStatus.UNHEALTHY, at=NOW - 120))
    assert step.changed == frozenset()


def test_a_new_status_seen_first_in_a_sample_begins_then() -> None:
    provider = a_provider("A")
    step = after(fleet(provider), sampled(provider, None, status=HealthStatus.UNHEALTHY))
    assert step.state.providers["id-a"].health.since == to_timestamp(NOW)


def test_providers_are_created_updated_and_deleted() -> None:
    provider = a_provider("A")
    renamed = provider.model_copy(update={"name": "Z", "revision": 2})
    known = after(fleet(), wrote(EventType.PROVIDER_CREATED, provider)).state
    assert known.providers["id-a"].name == "A"
    known = after(known, wrote(EventType.PROVIDER_UPDATED, renamed)).state
    assert known.providers["id-a"].name == "Z"
    step = after(known, wrote(EventType.PROVIDER_DELETED, renamed))
    assert (step.state.providers, step.changed) == ({}, {"id-a"})


def test_an_older_revision_does_not_replace_a_newer_one() -> None:
    held = a_provider("A", revision=3)
    step = state.put(fleet(held), a_provider("A", revision=2, detail="old"))
    assert step.changed == frozenset()


def test_an_update_keeps_the_newer_health_unless_the_hostname_changed() -> None:
    held = a_provider("A", age_s=1.0)
    older = a_provider("A", age_s=60.0, revision=2, status=HealthStatus.UNHEALTHY)
    kept = state.put(fleet(held), older).state.providers["id-a"]
    assert (kept.revision, kept.health_status) == (2, HealthStatus.HEALTHY)
    moved = older.model_copy(update={"hostname": "other.example"})
    taken = state.put(fleet(held), moved).state.providers["id-a"]
    assert taken.health_status is HealthStatus.UNHEALTHY


@pytest.mark.parametrize("events", [[], [sampled(a_provider("unknown here"), 1.0)]])
def test_events_about_nothing_known_change_only_when_the_daemon_was_heard(events: Sequence[Event]) -> None:
    before = fleet(a_provider("A"))
    step = after(before, *events)
    assert step.changed == frozenset()
    assert step.state.last_heard == NOW + 1


def test_events_do_not_alter_the_state_they_are_applied_to() -> None:
    provider = a_provider("A")
    before = fleet(provider)
    after(before, sampled(provider, 1.0), wrote(EventType.PROVIDER_DELETED, provider))
    assert before.providers == {"id-a": provider}


def test_the_state_is_stale_only_while_the_daemon_is_away() -> None:
    known = fleet(a_provider("A"))
    assert not known.stale
    assert state.link_to(known, Link(LinkPhase.AWAY, "gone")).stale


AT = to_timestamp(NOW)


def about(provider: Provider) -> dict[str, str]:
    return {"provider_id": provider.id, "name": provider.name, "at": AT}


def test_maintenance_is_a_condition_of_its_own_and_no_problem_whatever_is_measured() -> None:
    provider = a_provider("A", status=HealthStatus.UNHEALTHY)
    works = MaintenanceEvent(**about(provider), by="ana", maintenance=Maintenance(by="ana"))
    during = after(fleet(provider), Event(EventType.PROVIDER_MAINTENANCE, 3, works)).state
    assert condition_of(during.providers["id-a"]) is Condition.MAINTENANCE
    assert not Condition.MAINTENANCE.is_problem
    assert (during.counts[Condition.MAINTENANCE], during.counts[Condition.UNHEALTHY]) == (1, 0)
    over = MaintenanceEvent(**about(provider), by="", maintenance=None)
    afterwards = after(during, Event(EventType.PROVIDER_MAINTENANCE, 4, over)).state
    assert condition_of(afterwards.providers["id-a"]) is Condition.UNHEALTHY
    assert (afterwards.counts[Condition.MAINTENANCE], afterwards.counts[Condition.UNHEALTHY]) == (0, 1)


def test_a_disabled_provider_in_maintenance_is_disabled() -> None:
    provider = a_provider("A", enabled=False, maintenance=Maintenance(by="ana"))
    assert condition_of(provider) is Condition.DISABLED


@pytest.mark.parametrize("flapping", [True, False])
def test_flapping_begins_and_ends(flapping: bool) -> None:
    provider = a_provider("A", health={"flapping": not flapping})
    event = HealthFlapping(**about(provider), flapping=flapping, explanation="It goes up and down.")
    step = after(fleet(provider), Event(EventType.HEALTH_FLAPPING, 3, event))
    assert step.state.providers["id-a"].health.flapping is flapping
    assert step.changed == {"id-a"}


def test_new_addresses_are_counted_and_end_what_was_said_of_the_name() -> None:
    provider = a_provider("A", health={"dns_problem": "no answer", "resolved_age_s": 600.0})
    event = HealthAddresses(**about(provider), addresses=["a:1", "b:1", "c:1"], added=["c:1"], removed=[])
    health = (
        after(fleet(provider), Event(EventType.HEALTH_ADDRESSES, 3, event)).state.providers["id-a"].health
    )
    assert (health.targets_total, health.dns_problem, health.resolved_age_s) == (3, None, None)


def test_a_certificate_that_is_about_to_end_brings_its_days() -> None:
    provider = a_provider("A")
    certificate = CertificateInfo(subject="CN=a", issuer="CN=b", not_after=AT, days_left=13)
    event = HealthCertificate(
        **about(provider),
        address="a:5061",
        threshold_days=14,
        certificate=certificate,
        explanation="It ends.",
    )
    step = after(fleet(provider), Event(EventType.HEALTH_CERTIFICATE, 3, event))
    assert step.state.providers["id-a"].health.tls_days_left == 13


@pytest.mark.parametrize(("code", "busy"), [(503, True), (200, False)])
def test_a_provider_is_busy_until_it_answers_anything_else(code: int, busy: bool) -> None:
    provider = a_provider("A", health={"busy_until": to_timestamp(NOW + 60), "code": 503})
    step = after(fleet(provider), sampled(provider, 20.0, code=code))
    assert (step.state.providers["id-a"].health.busy_until is not None) is busy


async def test_the_uplink_is_suspected_until_it_is_restored_and_the_status_has_the_last_word() -> None:
    suspected = UplinkEvent(at=AT, failing=9, explanation="9 providers failed.")
    restored = UplinkEvent(at=AT, failing=0, explanation="One answers again.")
    known = after(fleet(a_provider("A")), Event(EventType.DAEMON_UPLINK_SUSPECT, 3, suspected)).state
    assert known.uplink == "9 providers failed."
    assert after(known, Event(EventType.DAEMON_UPLINK_RESTORED, 4, restored)).state.uplink == ""
    daemon = FakeDaemon()
    assert state.report(known, await daemon.connect().status(), NOW).uplink == ""
    daemon.uplink_suspect = True
    status = await daemon.connect().status()
    assert state.report(known, status, NOW).uplink == "9 providers failed."
    assert "our own connection" in state.report(fleet(), status, NOW).uplink


def test_impairment_is_a_condition_of_healthy_providers_and_ends_with_their_health() -> None:
    impaired = {"impaired": True, "impaired_reason": "only 9 of 40 calls reached the called party"}
    known = fleet(a_provider("A", health=impaired), a_provider("B", health=impaired, enabled=False))
    assert condition_of(known.providers["id-a"]) is Condition.IMPAIRED
    assert condition_of(known.providers["id-b"]) is Condition.DISABLED
    assert known.counts[Condition.IMPAIRED] == 1
    down = state.apply(known, [went(known.providers["id-a"], HealthStatus.UNHEALTHY)], NOW).state
    assert condition_of(down.providers["id-a"]) is Condition.UNHEALTHY
    up = state.apply(down, [went(down.providers["id-a"], HealthStatus.HEALTHY)], NOW).state
    assert condition_of(up.providers["id-a"]) is Condition.HEALTHY
    assert up.counts[Condition.IMPAIRED] == 0
