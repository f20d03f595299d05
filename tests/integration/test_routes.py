"""Routes over the socket: who carries which numbers, and who would carry a call now."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from provd.client import ApiError
from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.route import DEFAULT_CUSTOMER, DialRequest, ResolveRequest, RouteCreate
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy

LONDON = "+442071838750"
QUIET = {"enabled": False}


async def route(daemon: RunningDaemon, provider: Provider, name: str = "", **fields: Any) -> str:
    new = RouteCreate(name=name or f"to {provider.name}", provider_id=provider.id, **fields)
    return (await daemon.client.create_route(new)).id


async def tried(daemon: RunningDaemon, number: str = LONDON, **fields: Any) -> list[str]:
    found = await daemon.client.resolve(ResolveRequest(destination=number, **fields))
    return [each.provider for each in found.attempts]


async def add(daemon: RunningDaemon, name: str, **fields: Any) -> Provider:
    return await daemon.add("192.0.2.1", name, **{"probe": QUIET, **fields})


async def test_a_route_is_added_read_changed_and_deleted(daemon: RunningDaemon) -> None:
    first, second = await add(daemon, "first"), await add(daemon, "second")
    added = await daemon.client.create_route(RouteCreate(name="uk", provider_id=first.id, target="+44"))
    assert (added.customer_id, added.priority, added.weight, added.enabled) == (DEFAULT_CUSTOMER, 1, 1, True)
    assert await daemon.client.route(added.id) == added
    assert await daemon.client.all_routes() == [added]
    changed = await daemon.client.patch_route(added.id, {"provider_id": second.id, "weight": 5}, revision=1)
    assert (changed.provider_id, changed.weight, changed.revision) == (second.id, 5, 2)
    with pytest.raises(ApiError, match="revision 2"):
        await daemon.client.patch_route(added.id, {"weight": 6}, revision=1)
    body = {"name": "gb", "provider_id": first.id, "target": "+44", "priority": 3, "weight": 2}
    put = await daemon.http.put(f"/v1.0/routes/{added.id}", json=body)
    assert put.status_code == 200
    assert body.items() <= put.json().items()
    gone = await daemon.client.delete_route(added.id)
    assert gone.tm_delete < "9999"
    with pytest.raises(ApiError, match="no route"):
        await daemon.client.route(added.id)
    assert await daemon.client.all_routes() == []


async def test_pages_lose_and_repeat_nothing_and_can_be_narrowed(daemon: RunningDaemon) -> None:
    first, second = await add(daemon, "first"), await add(daemon, "second")
    customer = str(uuid4())
    ids = [await route(daemon, first, str(number)) for number in range(7)]
    theirs = await route(daemon, second, "theirs", customer_id=customer)
    seen: list[str] = []
    token = ""
    while True:
        page = await daemon.client.routes(page_size=3, page_token=token)
        seen += [each.id for each in page.result]
        token = page.next_page_token
        if not token:
            break
    assert seen == [theirs, *reversed(ids)]
    assert [each.id for each in await daemon.client.all_routes(customer_id=customer)] == [theirs]
    assert [each.id for each in await daemon.client.all_routes(provider_id=second.id)] == [theirs]


async def test_every_change_of_a_route_is_an_event(daemon: RunningDaemon) -> None:
    provider = await add(daemon, "first")
    kinds = (EventType.ROUTE_CREATED, EventType.ROUTE_UPDATED, EventType.ROUTE_DELETED)
    async with daemon.client.events(types=kinds) as stream:
        await anext(stream)
        route_id = await route(daemon, provider)
        await daemon.client.patch_route(route_id, {"weight": 2})
        await daemon.client.patch_route(route_id, {"weight": 2})
        await daemon.client.delete_route(route_id)
        told = [await anext(stream) for _ in range(3)]
    assert [each.type for each in told] == list(kinds)
    assert all(each.data.model_dump()["route"]["id"] == route_id for each in told)


async def test_the_longest_target_then_priority_decides(daemon: RunningDaemon) -> None:
    names = ("main", "backup", "uk", "london")
    main, backup, uk, london = [await add(daemon, name) for name in names]
    await route(daemon, main)
    await route(daemon, backup, priority=2)
    await route(daemon, uk, target="+44")
    await route(daemon, london, target="+4420")
    assert await tried(daemon) == ["london", "uk", "main", "backup"]
    assert await tried(daemon, "+14155552671") == ["main", "backup"]
    assert await tried(daemon, "tel:+44 161 396 0000") == ["uk", "main", "backup"]


async def test_a_customers_own_routes_come_first(daemon: RunningDaemon) -> None:
    main, special = await add(daemon, "main"), await add(daemon, "special")
    customer = str(uuid4())
    await route(daemon, main, target="+4420")
    await route(daemon, special, customer_id=customer)
    await route(daemon, main, "again", customer_id=customer, priority=2)
    assert await tried(daemon, customer_id=customer) == ["special", "main"]
    assert await tried(daemon) == ["main"]


async def test_health_maintenance_and_admin_state_decide_at_once(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    well = await daemon.add(hostname, "well")
    spare = await add(daemon, "spare")
    await route(daemon, well)
    await route(daemon, spare, priority=2)
    await daemon.until(well.id, is_healthy)
    assert (await tried(daemon))[0] == "well"
    carrier.behaviour = Behaviour(silent=True)
    await daemon.until(well.id, is_unhealthy)
    found = await daemon.client.resolve(ResolveRequest(destination=LONDON))
    assert [each.provider for each in found.attempts] == ["spare"]
    assert [(each.provider, each.reason) for each in found.skipped] == [("well", "unhealthy")]
    assert await tried(daemon, include_unhealthy=True) == ["well", "spare"]
    await daemon.client.set_maintenance(spare.id, MaintenanceRequest(reason="new SBC"))
    found = await daemon.client.resolve(ResolveRequest(destination=LONDON))
    assert [(each.provider, each.last_resort) for each in found.attempts] == [("well", True)]
    assert [(each.provider, each.reason) for each in found.skipped] == [("spare", "maintenance")]
    assert "new SBC" in found.skipped[0].message
    assert "last resort" in found.message
    await daemon.client.lift_maintenance(spare.id)
    assert await tried(daemon) == ["spare"]
    await daemon.client.patch_provider(spare.id, {"enabled": False})
    found = await daemon.client.resolve(ResolveRequest(destination=LONDON))
    assert [(each.provider, each.reason) for each in found.skipped] == [("spare", "disabled")]
    carrier.behaviour = Behaviour()
    await daemon.until(well.id, is_healthy)
    assert await tried(daemon) == ["well"]


async def test_when_nobody_can_carry_it_the_answer_says_why(daemon: RunningDaemon) -> None:
    found = await daemon.client.resolve(ResolveRequest(destination=LONDON))
    assert (found.attempts, found.skipped) == ([], [])
    assert "No route" in found.message
    provider = await add(daemon, "off", enabled=False)
    route_id = await route(daemon, provider)
    found = await daemon.client.resolve(ResolveRequest(destination=LONDON))
    assert [each.reason for each in found.skipped] == ["disabled"]
    assert "can be used" in found.message
    await daemon.client.patch_route(route_id, {"enabled": False})
    assert "No route" in (await daemon.client.resolve(ResolveRequest(destination=LONDON))).message


async def test_a_changed_provider_is_dialled_as_it_is_now(daemon: RunningDaemon) -> None:
    provider = await add(daemon, "main")
    await route(daemon, provider)
    wanted = ResolveRequest(destination=LONDON)
    assert (await daemon.client.resolve(wanted)).attempts[0].request_uri == f"sip:{LONDON}@192.0.2.1"
    await daemon.client.patch_provider(
        provider.id, {"hostname": "192.0.2.9", "tech_prefix": "9", "tech_headers": {"X-Key": "v"}}
    )
    (attempt,) = (await daemon.client.resolve(wanted)).attempts
    assert attempt.request_uri == f"sip:9{LONDON}@192.0.2.9"
    assert attempt.headers == {"X-Key": "v"}


async def test_a_preview_tells_how_a_number_is_dialled(daemon: RunningDaemon) -> None:
    provider = await add(daemon, "main", tech_prefix="1", tech_postfix="@uk.example.com", transport="tcp")
    seen = await daemon.client.dial_preview(provider.id, DialRequest(destination="+44 20 7183 8750"))
    assert (seen.destination, seen.region, seen.number) == (LONDON, "GB", f"1{LONDON}")
    assert seen.request_uri == f"sip:1{LONDON}@uk.example.com;transport=tcp"
    assert seen.next_hop == "192.0.2.1:5060/tcp"
    assert seen.warnings


async def test_a_provider_in_use_is_not_deleted_by_accident(daemon: RunningDaemon) -> None:
    provider = await add(daemon, "main")
    ids = {await route(daemon, provider, name) for name in ("a", "b")}
    with pytest.raises(ApiError, match=r"2 routes lead to this provider \(a, b\)") as refused:
        await daemon.client.delete_provider(provider.id)
    assert refused.value.body.reason == "PROVIDER_IN_USE"
    assert (await daemon.client.provider(provider.id)).id == provider.id
    await daemon.client.delete_provider(provider.id, cascade=True)
    assert await daemon.client.all_routes() == []
    log = await daemon.client.event_log(page_size=10)
    assert {each.data["route"]["id"] for each in log.result if each.type is EventType.ROUTE_DELETED} == ids  # type: ignore[index]
    assert await tried(daemon) == []


async def test_the_matrix_tells_who_carries_each_country(daemon: RunningDaemon) -> None:
    main, uk, london = [await add(daemon, name) for name in ("main", "uk", "london")]
    await route(daemon, main, target="+4")
    await route(daemon, uk, target="+44")
    await route(daemon, london, target="+4420")
    found = await daemon.client.route_matrix()
    rows = {each.country_code: each for each in found.result}
    assert [each.provider for each in rows["+44"].carried_by] == ["uk", "main"]
    assert "GB" in rows["+44"].regions
    assert rows["+44"].exceptions == ["+4420"]
    assert [each.provider for each in rows["+49"].carried_by] == ["main"]
    assert "+1" in found.nobody


async def test_routes_are_there_after_a_restart(start_carrier: StartCarrier) -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            provider = await add(daemon, "main")
            await route(daemon, provider, target="+44")
        async with running_daemon(folder) as daemon:
            assert await tried(daemon) == ["main"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"target": "44"}, "target", 'must be "all"'),
        ({"target": "+"}, "target", "digits"),
        ({"target": "+44x"}, "target", "digits"),
        ({"target": "+\u0664\u0664"}, "target", "digits"),
        ({"target": "+" + "4" * 16}, "target", "15 digits"),
        ({"provider_id": "nobody"}, "provider_id", "UUID"),
        ({"provider_id": str(uuid4())}, "provider_id", "no such provider"),
        ({"customer_id": "me"}, "customer_id", "UUID"),
        ({"priority": -1}, "priority", "greater than or equal to 0"),
        ({"weight": 0}, "weight", "greater than or equal to 1"),
        ({"name": ""}, "name", "empty"),
        ({"prioritty": 1}, "prioritty", "did you mean priority"),
    ],
)
async def test_a_bad_route_is_refused_and_changes_nothing(
    daemon: RunningDaemon, change: dict[str, Any], field: str, words: str
) -> None:
    provider = await add(daemon, "main")
    body = {"name": "r", "provider_id": provider.id, **change}
    response = await daemon.http.post("/v1.0/routes", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["details"][0]["field"]) == (400, field)
    assert words in error["message"]
    assert await daemon.client.all_routes() == []


@pytest.mark.parametrize(
    "number", ["", "call me", "+1\u0665", "1" * 200, "sip:alice@example.com", "+1\r\nX: y"]
)
async def test_a_bad_number_is_refused(daemon: RunningDaemon, number: str) -> None:
    provider = await add(daemon, "main")
    calls: list[httpx.Response] = [
        await daemon.http.post("/v1.0/routes/resolve", json={"destination": number}),
        await daemon.http.post(f"/v1.0/providers/{provider.id}/dial-preview", json={"destination": number}),
    ]
    for response in calls:
        assert response.status_code == 400
        assert response.json()["error"]["details"][0]["field"] == "destination"


async def test_a_customer_that_is_no_uuid_is_a_400(daemon: RunningDaemon) -> None:
    for path in ("routes?customer_id=me", "routes/matrix?customer_id=me"):
        response = await daemon.http.get(f"/v1.0/{path}")
        assert response.status_code == 400
        assert response.json()["error"]["details"][0]["field"] == "customer_id"


async def test_a_route_that_is_posted_again_by_its_key_is_the_first_one(daemon: RunningDaemon) -> None:
    provider = await add(daemon, "carrier")
    body = {"name": "uk", "provider_id": provider.id, "target": "+44"}
    headers = {"Idempotency-Key": "k-1"}
    first = await daemon.http.post("/v1.0/routes", json=body, headers=headers)
    again = await daemon.http.post("/v1.0/routes", json=body, headers=headers)
    assert (first.status_code, again.json()) == (200, first.json())
    assert len(await daemon.client.all_routes()) == 1
    other = await daemon.http.post("/v1.0/routes", json=body | {"target": "+49"}, headers=headers)
    assert (other.status_code, other.json()["error"]["reason"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    provider_again = {"name": "n", "hostname": "192.0.2.1"}
    taken = await daemon.http.post("/v1.0/providers", json=provider_again, headers=headers)
    assert taken.status_code == 409
