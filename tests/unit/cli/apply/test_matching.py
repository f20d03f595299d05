"""Which record is which."""

import pytest

from provd.cli.apply.matching import Present
from provd.cli.apply.plan import Action

from .records import NOTHING, a_provider, a_route, an_id, compared, exported

ACME, BETA = a_provider("Acme"), a_provider("Beta")
UK = a_route("UK", ACME.id, "+44")
STATE = Present([ACME, BETA], [UK])
OTHER_ID = "11111111-2222-4333-8444-555555555555"


def provider(name: str, **fields: object) -> dict[str, object]:
    return {"name": name, "hostname": "192.0.2.1", **fields}


def test_a_record_without_an_id_is_known_by_its_name() -> None:
    made, mistakes = compared(
        STATE,
        {"providers": [provider("Acme", detail="x"), provider("Beta")]},
        {"routes": [{"name": "UK", "provider": "Acme", "target": "+44", "weight": 3}]},
    )
    assert mistakes == []
    assert [(each.action, each.id) for each in made.steps] == [
        (Action.CHANGE, ACME.id),
        (Action.CHANGE, UK.id),
    ]
    assert made.unchanged == 1


def test_a_route_of_the_same_name_for_another_target_is_another_route() -> None:
    files = exported(STATE)
    files["routes"].append({"name": "UK", "provider": "Acme", "target": "+4420"})
    made, mistakes = compared(STATE, files)
    assert (mistakes, [each.action for each in made.steps]) == ([], [Action.CREATE])


def test_a_record_with_an_id_may_take_another_name() -> None:
    files = exported(STATE)
    files["providers"][0]["name"] = "Acme Renamed"
    made, mistakes = compared(STATE, files)
    assert (mistakes, [each.id for each in made.steps]) == ([], [ACME.id])


def test_a_route_finds_its_provider_in_another_file_by_name_or_by_id() -> None:
    made, mistakes = compared(
        NOTHING,
        {"routes": [{"name": "a", "provider": "Acme"}, {"name": "b", "provider_id": OTHER_ID.upper()}]},
        {"providers": [provider("Acme"), provider("Beta", id=OTHER_ID)]},
    )
    assert mistakes == []
    acme, _, first, second = made.steps
    assert (first.after["provider_id"], second.after["provider_id"]) == (acme.id, OTHER_ID)


@pytest.mark.parametrize(
    ("state", "files", "words"),
    [
        (
            NOTHING,
            {"providers": [provider("A", id=OTHER_ID), provider("B", id=OTHER_ID)]},
            ["a.yaml:5: has the id 11111111-2222-4333-8444-555555555555, which a.yaml:2 has too"],
        ),
        (
            NOTHING,
            {"providers": [provider("A"), provider("A")]},
            ["a.yaml:2: is the provider 'A' without an id, and a.yaml:4", "a.yaml:4:"],
        ),
        (
            NOTHING,
            {"providers": [provider("A"), provider("A", id=OTHER_ID)]},
            ["a.yaml:2: is the provider 'A' without an id, and a.yaml:4 has that name too: give each its id"],
        ),
        (
            Present([a_provider("A"), a_provider("A", id=OTHER_ID)], []),
            {"providers": [provider("A")]},
            [f"provd has 2 of that name: give the id, one of {an_id('A')}, {OTHER_ID}"],
        ),
        (
            Present([ACME], []),
            {"providers": [provider("Renamed", id=ACME.id), provider("Acme")]},
            [f"provd's is {ACME.id}, which a.yaml:2 has: give each its id"],
        ),
        (
            STATE,
            {"providers": [provider("Acme")], "routes": [{"name": "x", "provider": "Beta"}]},
            ["leads to the provider 'Beta', which is not in the files and so would be deleted"],
        ),
        (
            STATE,
            {"providers": [provider("Acme")], "routes": [{"name": "x", "provider_id": BETA.id}]},
            [f"leads to the provider '{BETA.id}', which is not in the files"],
        ),
        (
            STATE,
            {"providers": [provider("New", id=BETA.id)], "routes": [{"name": "x", "provider": "Beta"}]},
            ["leads to the provider 'Beta', which has another name in the files"],
        ),
        (
            STATE,
            {"providers": [provider("Acme")], "routes": [{"name": "x", "provider": "Nobody"}]},
            ["leads to the provider 'Nobody', and there is none, neither in the files nor in provd"],
        ),
        (
            NOTHING,
            {
                "providers": [provider("A", id=OTHER_ID), provider("A", id=an_id("A"))],
                "routes": [{"name": "x", "provider": "A"}],
            },
            ["leads to the provider 'A', and 2 have that name (a.yaml:2, a.yaml:5): give provider_id"],
        ),
        (
            STATE,
            {
                "providers": [provider("Acme")],
                "routes": [{"id": UK.id, "name": "UK", "provider": "Acme", "customer_id": OTHER_ID}],
            },
            ["a route's customer stays"],
        ),
    ],
)
def test_what_is_not_clear_is_a_mistake_with_its_place(
    state: Present, files: dict[str, object], words: list[str]
) -> None:
    _, mistakes = compared(state, files)
    assert len(mistakes) == len(words)
    for mistake, wanted in zip(mistakes, words, strict=True):
        assert wanted in mistake


def test_a_mistake_in_a_provider_is_not_told_again_of_its_routes() -> None:
    routes = "routes: [{name: r, provider: A}]"
    assert len(compared(NOTHING, f"providers: [{{name: A}}]\n{routes}")[1]) == 1
    assert len(compared(NOTHING, {"providers": [provider("A"), provider("A")]}, routes)[1]) == 2
    assert len(compared(NOTHING, "providers: [", routes)[1]) == 1
