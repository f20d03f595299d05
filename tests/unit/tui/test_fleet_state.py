from collections.abc import Sequence

import pytest

from provd.client import Event
from provd.schema.events import EventType, HealthChanged, HealthSample, ProviderEvent, Sample
from provd.schema.health import Cause, HealthStatus
from provd.schema.provider import Provider
from provd.schema.timestamps import to_timestamp
from provtui import state
from provtui.condition import Condition, condition_of
from provtui.state import FleetState, Link, LinkPhase
from tests.fakes.fake_client import NOW, a_provider


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
        Condition.HEALTHY: 1,
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
