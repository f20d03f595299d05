"""The plan: what it does to provd makes it what the files say."""

from typing import Any
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provd.cli.apply.matching import Present
from provd.cli.apply.plan import Action, plan
from provd.cli.apply.report import as_data, done_text, plan_text
from provd.cli.apply.written import Kind
from tests.unit.routing.formats.hostile import files as hostile_files

from .records import (
    NOTHING,
    a_provider,
    a_route,
    an_id,
    carried_out,
    compared,
    exported,
    lines_of,
    matched,
    reading_of,
)

ACME, BETA = a_provider("Acme"), a_provider("Beta", "192.0.2.2")
UK, SPARE = a_route("UK", ACME.id, "+44"), a_route("spare", BETA.id)
STATE = Present([ACME, BETA], [UK, SPARE])
IDS = st.integers(1, 6).map(lambda number: str(UUID(int=number << 64)))
NAMES = st.sampled_from("ABCDEF")


@st.composite
def a_present(draw: st.DrawFn) -> Present:
    """Some providers and routes; names may be theirs more than once."""
    providers = [
        a_provider(draw(NAMES), draw(st.sampled_from(["192.0.2.1", "h"])), id=each)
        for each in draw(st.lists(IDS, unique=True, max_size=5))
    ]
    routes = [
        a_route(draw(NAMES), draw(st.sampled_from(providers)).id, id=each, weight=draw(st.integers(1, 2)))
        for each in (draw(st.lists(IDS, unique=True, max_size=5)) if providers else [])
    ]
    return Present(providers, routes)


@st.composite
def some_files(draw: st.DrawFn) -> dict[str, Any]:
    """Providers and routes as people write them, mostly without ids."""
    ids = st.one_of(st.none(), IDS)
    providers = [
        {"id": draw(ids), "name": name, "hostname": draw(st.sampled_from(["192.0.2.1", "h"]))}
        for name in draw(st.lists(NAMES, unique=True, min_size=1, max_size=5))
    ]
    leading_to = st.sampled_from([each["name"] for each in providers])
    routes = [
        {"id": draw(ids), "name": name, "provider": draw(leading_to), "weight": draw(st.integers(1, 2))}
        for name in draw(st.lists(NAMES, unique=True, max_size=5))
    ]
    return {"providers": providers, "routes": routes}


@settings(max_examples=300, deadline=None)
@given(present=a_present(), files=some_files())
def test_the_steps_make_what_is_wanted_and_then_nothing_is_left_to_do(
    present: Present, files: dict[str, Any]
) -> None:
    reading = reading_of(files)
    wanted, mistakes = matched(reading, present)
    assume(not mistakes)
    after = carried_out(plan(wanted, present), present)
    assert lines_of(after) == {each.id: each.fields for each in wanted}
    again, mistakes = matched(reading, after)
    assert mistakes == []
    assert plan(again, after).steps == []


@settings(max_examples=60, deadline=None)
@given(made=hostile_files())
def test_an_export_is_a_plan_of_nothing(made: tuple[list[Any], list[Any]]) -> None:
    providers, routes = made
    present = Present([a_provider(**each) for each in providers], [a_route(**each) for each in routes])
    done, mistakes = compared(present, exported(present))
    assert mistakes == []
    assert (done.steps, done.unchanged) == ([], len(providers) + len(routes))


def test_a_step_is_not_in_the_way_of_another() -> None:
    made, _ = compared(
        STATE,
        {
            "providers": [{"name": "New", "hostname": "h"}, {"name": "Beta", "hostname": "h"}],
            "routes": [{"name": "all", "provider": "New"}, {"name": "spare", "provider": "New"}],
        },
    )
    order = [(each.action, each.kind, each.name) for each in made.steps]
    assert order == [
        (Action.CREATE, Kind.PROVIDER, "New"),
        (Action.CHANGE, Kind.PROVIDER, "Beta"),
        (Action.CREATE, Kind.ROUTE, "all"),
        (Action.CHANGE, Kind.ROUTE, "spare"),
        (Action.DELETE, Kind.ROUTE, "UK"),
        (Action.DELETE, Kind.PROVIDER, "Acme"),
    ]
    carried_out(made, STATE)


def test_a_field_that_is_absent_becomes_the_default_again() -> None:
    state = Present([a_provider("A", detail="old", tags=["x"], probe={"interval_s": 5})], [])
    made, _ = compared(state, {"providers": [{"name": "A", "hostname": "192.0.2.1"}]})
    (step,) = made.steps
    assert {each.field: (each.before, each.after) for each in step.changes} == {
        "detail": ("old", ""),
        "tags": (["x"], []),
        "probe": ({"interval_s": 5}, {}),
    }
    assert step.revision == 1


def test_kinds_that_the_files_have_none_of_are_told() -> None:
    assert compared(STATE, "")[0].emptied == [Kind.PROVIDER, Kind.ROUTE]
    assert compared(STATE, {"providers": exported(STATE)["providers"]})[0].emptied == [Kind.ROUTE]
    assert compared(STATE, exported(STATE))[0].emptied == []
    assert compared(NOTHING, "")[0].emptied == []


def test_a_provider_that_a_setup_made_is_told_when_it_would_be_deleted() -> None:
    trunk = a_provider("Trunk", metadata={"telnyx_connection_id": "7"})
    made, _ = compared(Present([trunk, BETA], []), "- {name: A, hostname: h}")
    assert {each.name: each.forgets_a_trunk for each in made.steps} == {
        "A": False,
        "Trunk": True,
        "Beta": False,
    }
    assert "- provider 'Trunk'  192.0.2.1  (a setup made it: its trunk would stay" in plan_text(made)


def test_each_step_is_a_line_and_a_summary_counts_them() -> None:
    made, _ = compared(
        Present([*STATE.providers, a_provider("Kept")], STATE.routes),
        {
            "providers": [
                {"name": "New", "hostname": "h"},
                {"name": "Beta", "hostname": "b", "tags": ["\u202e"]},
                {"name": "Kept", "hostname": "192.0.2.1"},
            ],
            "routes": [
                {"name": "all", "provider": "New"},
                {"name": "spare", "provider": "Kept", "weight": 3},
            ],
        },
    )
    assert plan_text(made).splitlines() == [
        "+ provider 'New'  h",
        "~ provider 'Beta': tags [] -> ['\\u202e'], hostname '192.0.2.2' -> 'b'",
        "+ route 'all'  all by 'New'",
        "~ route 'spare': provider 'Beta' -> 'Kept', weight 1 -> 3",
        "- route 'UK'  +44 by 'Acme'",
        "- provider 'Acme'  192.0.2.1",
        "2 to create, 2 to change, 2 to delete, 1 unchanged",
    ]
    assert done_text(made) == "2 created, 2 changed, 2 deleted"


def test_the_plan_as_data_has_each_field_before_and_after() -> None:
    made, _ = compared(STATE, {"providers": [{"name": "Acme", "hostname": "h"}]})
    data = as_data(made, applied=False)
    changed, *deleted = data.steps
    assert (changed.action, changed.written, changed.id) == (Action.CHANGE, "a.yaml:2", an_id("Acme"))
    assert [each.model_dump() for each in changed.fields] == [
        {"field": "hostname", "before": "192.0.2.1", "after": "h"}
    ]
    assert [(each.name, each.written, each.fields) for each in deleted] == [
        ("UK", "", []),
        ("spare", "", []),
        ("Beta", "", []),
    ]
    assert (data.create, data.change, data.delete, data.unchanged, data.applied) == (0, 1, 3, 0, False)
