import random

import pytest

from provd.schema.health import HealthStatus
from provd.schema.provider import Provider
from provd.schema.timestamps import to_timestamp
from provtui.filters import FilterError, parse_filter
from provtui.fleet_listing import FleetListing
from provtui.ordering import Order, SortBy
from tests.fakes.fake_client import NOW, a_fleet, a_provider

BY_ID = {provider.id: provider for provider in a_fleet()}


def names(listing: FleetListing, providers: dict[str, Provider] = BY_ID) -> list[str]:
    return [providers[key].name for key in listing.ids]


def listed(order: Order = Order(), text: str = "", *, problems_only: bool = False) -> list[str]:
    listing = FleetListing()
    listing.order, listing.filter, listing.problems_only = order, parse_filter(text), problems_only
    listing.rebuild(BY_ID)
    return names(listing)


def test_problems_come_first_worst_first_and_what_people_set_aside_last() -> None:
    found = listed()
    assert found[:5] == ["Colt Lisbon", "Orange Paris", "VoIP Barcelona", "Bandwidth East", "New trunk"]
    assert found[-2:] == ["Vodafone Milan", "Old Verizon"]


def test_choosing_the_same_order_again_reverses_it() -> None:
    order = Order().then(SortBy.NAME)
    assert order == Order(SortBy.NAME, reverse=False)
    assert order.then(SortBy.NAME).reverse
    assert listed(order.then(SortBy.NAME)) == list(reversed(listed(order)))


@pytest.mark.parametrize("reverse", [False, True])
def test_providers_without_a_figure_come_last_in_either_direction(reverse: bool) -> None:
    found = listed(Order(SortBy.RTT, reverse))
    silent = {
        "Colt Lisbon",
        "Orange Paris",
        "VoIP Barcelona",
        "Bandwidth East",
        "New trunk",
        "Vodafone Milan",
    }
    assert found[0 if not reverse else -7] == "東京テレコム"
    assert set(found[-6:]) == silent


@pytest.mark.parametrize(
    ("by", "first"),
    [
        (SortBy.HOSTNAME, "Orange Paris"),
        (SortBy.CARRIER, "Bandwidth East"),
        (SortBy.LOSS, "Orange Paris"),
        (SortBy.CODE, "Bandwidth West"),
        (SortBy.SINCE, "Bandwidth East"),
        (SortBy.AVAILABILITY, "Colt Lisbon"),
    ],
)
def test_each_order_begins_with_what_is_wanted_first(by: SortBy, first: str) -> None:
    assert listed(Order(by))[0] == first


def test_the_oldest_check_comes_first_by_age() -> None:
    providers = {p.id: p for p in (a_provider("fresh", age_s=1), a_provider("old", age_s=90))}
    listing = FleetListing()
    listing.order = Order(SortBy.AGE)
    listing.rebuild(providers)
    assert names(listing, providers) == ["old", "fresh"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/state=unhealthy", ["Colt Lisbon", "Orange Paris", "VoIP Barcelona"]),
        ("state=maintenance", ["Vodafone Milan"]),
        ("note=maint", ["Vodafone Milan"]),
        ("note=flap,cert", ["BT London", "Twilio Frankfurt"]),
        ("state=susp,unk", ["Bandwidth East", "New trunk"]),
        ("carrier=TELNYX", ["Telnyx Chicago", "Telnyx Madrid"]),
        ("carrier=telnyx madrid", ["Telnyx Madrid"]),
        ("tag=us", ["Telnyx Chicago", "Twilio Ashburn"]),
        ("tag=u", []),
        ("host=twilio", ["Twilio Ashburn", "Twilio Frankfurt"]),
        ("name=bandwidth host=us-east", ["Bandwidth East"]),
        ('"bt london"', ["BT London"]),
        ("東京", ["東京テレコム"]),
        ("2001:db8", ["BT London"]),
        ("nothing-like-it", []),
        ("state=", None),
        ('state="', None),
        ("state=,", None),
    ],
)
def test_filters_leave_what_fits(text: str, expected: list[str] | None) -> None:
    assert listed(text=text) == (listed() if expected is None else expected)


def test_a_word_with_an_equals_sign_is_looked_for_when_it_is_quoted() -> None:
    assert parse_filter('"a=b"').matches(a_provider("A", detail="with a=b in it"))


def test_words_are_looked_for_in_the_detail_too() -> None:
    assert parse_filter("backup").matches(a_provider("A", detail="Backup of B"))


def test_problems_only_leaves_unhealthy_suspect_and_unknown() -> None:
    assert listed(problems_only=True) == listed()[:5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("foo=bar", "no key 'foo': use state, note, carrier"),
        ("stat=u", "no key 'stat': did you mean state="),
        ("madrid c=telnyx", "no key 'c': did you mean carrier="),
        ("hots=x", "no key 'hots': did you mean host="),
        ("status=", "no key 'status': did you mean state="),
        ("x-y_1=x", "no key 'x-y_1': use state, note, carrier"),
        ("state=sick", "no state 'sick'"),
        ("note=odd", "no note 'odd': use maint, stale"),
    ],
)
def test_what_is_not_a_filter_is_refused_with_what_to_write_instead(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        parse_filter(text)


def test_updating_gives_what_rebuilding_would() -> None:
    rng = random.Random(7)
    providers = dict(BY_ID)
    kept = FleetListing()
    kept.filter = parse_filter("state=healthy,unhealthy")
    kept.order = Order(SortBy.LOSS)
    kept.rebuild(providers)
    for _ in range(50):
        changed = rng.sample(sorted(BY_ID), 3)
        for key in changed:
            if rng.random() < 0.2:
                providers.pop(key, None)
                continue
            status = rng.choice(list(HealthStatus))
            health = BY_ID[key].health.model_copy(update={"loss_pct": rng.choice([None, 0.0, 5.0, 50.0])})
            providers[key] = BY_ID[key].model_copy(update={"health_status": status, "health": health})
        kept.update(providers, changed)
        fresh = FleetListing()
        fresh.filter, fresh.order = kept.filter, kept.order
        fresh.rebuild(providers)
        assert kept.ids == fresh.ids


def test_an_update_that_moves_nothing_says_so() -> None:
    listing = FleetListing()
    listing.rebuild(BY_ID)
    checked = BY_ID["id-bt-london"].model_copy(update={"health_checked_at": to_timestamp(NOW)})
    assert listing.update({**BY_ID, checked.id: checked}, [checked.id]) is False
