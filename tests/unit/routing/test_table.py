"""The routes: the longest target, then priority, then weight by chance; each provider once."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from provd.routing.table import Route, RouteTable

CUSTOMER, OTHER = "ours", "theirs"


def route(
    name: str, target: str = "all", *, priority: int = 1, weight: int = 1, customer: str = CUSTOMER
) -> Route:
    return Route(name, customer, name, f"provider of {name}", priority, weight, target)


def table(*routes: Route) -> RouteTable:
    made = RouteTable()
    for each in routes:
        made.put(each)
    return made


def names(made: RouteTable, number: str, *customers: str, seed: int = 1) -> list[str]:
    found = made.candidates(number, customers or (CUSTOMER,), Random(seed))
    return [each.name for each in found]


def test_the_longest_target_comes_first_and_all_last() -> None:
    made = table(route("any"), route("uk", "+44"), route("london", "+4420"), route("us", "+1"))
    assert names(made, "+442071838750") == ["london", "uk", "any"]
    assert names(made, "+441613960000") == ["uk", "any"]
    assert names(made, "5551234") == ["any"]


def test_a_lower_priority_comes_before_any_weight() -> None:
    made = table(route("second", priority=2, weight=1000), route("first"), route("third", priority=3))
    assert all(names(made, "+1", seed=seed) == ["first", "second", "third"] for seed in range(50))


def test_among_equals_the_first_try_is_shared_by_weight() -> None:
    made = table(route("one"), route("three", weight=3))
    first = Counter(names(made, "+1", seed=seed)[0] for seed in range(4000))
    assert 0.70 < first["three"] / 4000 < 0.80


def test_a_seed_makes_chance_repeatable() -> None:
    made = table(*(route(str(number)) for number in range(20)))
    assert names(made, "+1", seed=7) == names(made, "+1", seed=7)
    assert names(made, "+1", seed=7) != names(made, "+1", seed=8)


def test_a_provider_is_tried_once_where_it_comes_first() -> None:
    london = Route("a", CUSTOMER, "london", "P", 1, 1, "+4420")
    everywhere = Route("b", CUSTOMER, "any", "P", 1, 1, "all")
    assert names(table(everywhere, london), "+442071838750") == ["london"]


def test_a_customers_own_routes_come_before_the_default_ones() -> None:
    made = table(route("default", "+4420"), route("own", customer=OTHER))
    assert names(made, "+442071838750", OTHER, CUSTOMER) == ["own", "default"]
    assert names(made, "+442071838750", CUSTOMER) == ["default"]


def test_a_route_that_changes_or_goes_is_not_found_where_it_was() -> None:
    made = table(route("uk", "+44"))
    made.put(route("uk", "+49"))
    assert names(made, "+4420") == []
    assert names(made, "+4930") == ["uk"]
    made.remove("uk")
    made.remove("uk")
    assert names(made, "+4930") == []
    assert len(made) == 0


targets = st.one_of(st.just("all"), st.from_regex(r"\+[1-3]{1,4}", fullmatch=True))
routes = st.lists(
    st.builds(
        Route,
        id=st.uuids().map(str),
        customer_id=st.sampled_from((CUSTOMER, OTHER)),
        name=st.just("r"),
        provider_id=st.sampled_from("abcdef"),
        priority=st.integers(0, 3),
        weight=st.integers(1, 5),
        target=targets,
    ),
    max_size=30,
)


@given(routes, st.from_regex(r"\+[1-3]{1,6}", fullmatch=True), st.integers())
def test_the_order_is_that_of_the_rules_whatever_the_routes(
    known: list[Route], number: str, seed: int
) -> None:
    found = list(table(*known).candidates(number, (CUSTOMER, OTHER), Random(seed)))
    fitting = [each for each in known if each.target == "all" or number.startswith(each.target)]
    assert {each.provider_id for each in found} == {each.provider_id for each in fitting}
    assert len({each.provider_id for each in found}) == len(found)
    ranks = [
        (each.customer_id == OTHER, -len(each.target) if each.target != "all" else 0, each.priority)
        for each in found
    ]
    assert ranks == sorted(ranks)
