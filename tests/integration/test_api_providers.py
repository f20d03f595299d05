"""Provider records over the socket, as reference scripts use them."""

import asyncio
import re
from typing import Any

import pytest

from provd.schema.timestamps import NEVER
from tests.fakes.daemon import RunningDaemon

DOCUMENTED = {
    "id",
    "name",
    "detail",
    "type",
    "hostname",
    "tech_prefix",
    "tech_postfix",
    "tech_headers",
    "metadata",
    "health_status",
    "health_checked_at",
    "tm_create",
    "tm_update",
    "tm_delete",
}
OURS = {
    "carrier",
    "codecs",
    "transport",
    "enabled",
    "tags",
    "probe",
    "maintenance",
    "health",
    "revision",
    "warnings",
}
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
BODY = {
    "type": "sip",
    "hostname": "test.invalid",
    "tech_prefix": "",
    "tech_postfix": "",
    "tech_headers": {},
    "name": "test domain",
    "detail": "test domain creation",
}


async def post(daemon: RunningDaemon, **fields: Any) -> dict[str, Any]:
    response = await daemon.http.post("/v1.0/providers", json=BODY | fields)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_create_read_replace_and_delete_as_documented(daemon: RunningDaemon) -> None:
    created = await daemon.http.post("/v1.0/providers?token=SECRET", json=BODY)
    assert created.status_code == 200
    provider = created.json()
    assert set(provider) == DOCUMENTED | OURS
    assert {name: provider[name] for name in BODY} == BODY
    assert (provider["metadata"], provider["health_status"], provider["health_checked_at"]) == (
        {},
        "unknown",
        None,
    )
    assert STAMP.fullmatch(provider["tm_create"])
    assert provider["tm_update"] == provider["tm_create"]
    assert provider["tm_delete"] == NEVER

    path = f"/v1.0/providers/{provider['id']}"
    read = await daemon.http.get(path + "?token=SECRET")
    assert read.headers["etag"] == '"1"'
    assert read.json()["id"] == provider["id"]

    change = BODY | {"hostname": "other.invalid", "name": "telnyx basic", "detail": "telnyx basic"}
    replaced = await daemon.http.put(path + "?token=SECRET", json=change)
    assert replaced.status_code == 200
    assert {name: replaced.json()[name] for name in BODY} == change
    assert replaced.json()["tm_update"] > provider["tm_update"]
    assert replaced.json()["revision"] == 2

    deleted = await daemon.http.delete(path + "?token=SECRET")
    assert deleted.status_code == 200
    assert deleted.json()["id"] == provider["id"]
    assert deleted.json()["tm_delete"] != NEVER
    for call in (daemon.http.get(path), daemon.http.delete(path), daemon.http.put(path, json=BODY)):
        assert (await call).status_code == 404


async def test_a_list_is_newest_first_and_pages_lose_and_repeat_nothing(daemon: RunningDaemon) -> None:
    added = [(await post(daemon, name=f"p{number}"))["id"] for number in range(25)]
    seen: list[str] = []
    token = ""
    pages = 0
    while True:
        page = (await daemon.http.get("/v1.0/providers", params={"page_size": 7, "page_token": token})).json()
        seen += [each["id"] for each in page["result"]]
        pages += 1
        token = page["next_page_token"]
        if not token:
            break
    assert seen == added[::-1]
    assert pages == 4


async def test_a_bare_timestamp_is_a_page_token_too(daemon: RunningDaemon) -> None:
    first, second = await post(daemon, name="a"), await post(daemon, name="b")
    page = await daemon.http.get("/v1.0/providers", params={"page_token": second["tm_create"]})
    assert [each["id"] for each in page.json()["result"]] == [first["id"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "madrid"}, ["Madrid 1"]),
        ({"q": "100%"}, ["100% uptime"]),
        ({"q": "_"}, []),
        ({"carrier": "telnyx"}, ["100% uptime", "Madrid 1"]),
        ({"tag": "eu"}, ["Madrid 1"]),
        ({"tag": "e"}, []),
        ({"enabled": "false"}, ["100% uptime"]),
        ({"health_status": "unhealthy"}, []),
        ({"health_status": "unknown", "enabled": "true"}, ["third", "Madrid 1"]),
        ({"unknown_parameter": "x"}, ["third", "100% uptime", "Madrid 1"]),
    ],
)
async def test_filters(daemon: RunningDaemon, query: dict[str, str], names: list[str]) -> None:
    quiet = {"probe": {"enabled": False}}
    await post(daemon, name="Madrid 1", carrier="telnyx", tags=["eu", "test"], **quiet)
    await post(daemon, name="100% uptime", carrier="telnyx", enabled=False)
    await post(daemon, name="third", detail="other", **quiet)
    found = await daemon.http.get("/v1.0/providers", params=query)
    assert [each["name"] for each in found.json()["result"]] == names


async def test_put_keeps_our_own_fields_when_they_are_absent(daemon: RunningDaemon) -> None:
    created = await post(daemon, carrier="telnyx", tags=["eu"], codecs="PCMU, PCMA", probe={"interval_s": 10})
    replaced = (await daemon.http.put(f"/v1.0/providers/{created['id']}", json=BODY)).json()
    assert replaced["carrier"] == "telnyx"
    assert replaced["tags"] == ["eu"]
    assert replaced["codecs"] == "PCMU,PCMA"
    assert replaced["probe"] == {"interval_s": 10}


async def test_put_without_a_field_blanks_nothing_and_points_to_patch(daemon: RunningDaemon) -> None:
    created = await post(daemon)
    path = f"/v1.0/providers/{created['id']}"
    answer = await daemon.http.put(path, json={"name": "x", "hostname": "y.invalid"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert {each["field"] for each in error["details"]} == set(BODY) - {"name", "hostname"}
    assert "PATCH" in error["message"]
    assert (await daemon.http.get(path)).json()["name"] == BODY["name"]


async def test_a_change_that_changes_nothing_leaves_the_revision(daemon: RunningDaemon) -> None:
    created = await post(daemon)
    again = (await daemon.http.put(f"/v1.0/providers/{created['id']}", json=BODY)).json()
    assert (again["revision"], again["tm_update"]) == (1, created["tm_update"])


async def test_if_match_guards_put_patch_and_delete(daemon: RunningDaemon) -> None:
    created = await post(daemon)
    path = f"/v1.0/providers/{created['id']}"
    first = await daemon.http.patch(path, json={"detail": "one"}, headers={"If-Match": '"1"'})
    assert first.headers["etag"] == '"2"'
    for call in (
        daemon.http.patch(path, json={"detail": "two"}, headers={"If-Match": '"1"'}),
        daemon.http.put(path, json=BODY, headers={"If-Match": 'W/"1"'}),
        daemon.http.delete(path, headers={"If-Match": '"7", "9"'}),
    ):
        answer = await call
        assert answer.status_code == 412
        assert answer.json()["error"]["status"] == "PRECONDITION"
    assert (await daemon.http.get(path)).json()["detail"] == "one"
    assert (await daemon.http.delete(path, headers={"If-Match": '"1", "2"'})).status_code == 200


async def test_of_many_writers_with_the_same_revision_one_wins(daemon: RunningDaemon) -> None:
    created = await post(daemon)
    path = f"/v1.0/providers/{created['id']}"
    answers = await asyncio.gather(
        *(
            daemon.http.patch(path, json={"detail": str(number)}, headers={"If-Match": '"1"'})
            for number in range(20)
        )
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [412] * 19
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await daemon.http.get(path)).json()["detail"] == winner["detail"]


async def test_no_update_is_lost_without_if_match(daemon: RunningDaemon) -> None:
    created = await post(daemon)
    path = f"/v1.0/providers/{created['id']}"
    await asyncio.gather(*(daemon.http.patch(path, json={"detail": f"d{number}"}) for number in range(40)))
    assert (await daemon.http.get(path)).json()["revision"] == 41


async def test_an_idempotency_key_makes_a_repeat_harmless(daemon: RunningDaemon) -> None:
    headers = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(
        *(daemon.http.post("/v1.0/providers", json=BODY, headers=headers) for _ in range(5))
    )
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert len((await daemon.client.providers()).result) == 1
    other = await daemon.http.post("/v1.0/providers", json=BODY | {"name": "x"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["error"]["reason"] == "IDEMPOTENCY_KEY_REUSED"


async def test_version_and_status_say_who_answers_and_who_asks(daemon: RunningDaemon) -> None:
    version = (await daemon.http.get("/version")).json()
    assert version["api"] == {"current": "1.0", "minimum": "1.0"}
    await post(daemon, probe={"enabled": False})
    await post(daemon, enabled=False)
    status = (await daemon.http.get("/v1.0/status")).json()
    assert status["providers"] == {"healthy": 0, "unhealthy": 0, "unknown": 1, "disabled": 1}
    assert status["you"]["role"] == "admin"
    assert status["store"]["writable"] is True


async def test_the_openapi_document_describes_every_call(daemon: RunningDaemon) -> None:
    document = (await daemon.http.get("/openapi.json")).json()
    calls = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert calls == {
        ("/version", "get"),
        ("/v1.0/status", "get"),
        ("/v1.0/providers", "get"),
        ("/v1.0/providers", "post"),
        *(("/v1.0/providers/{provider_id}", method) for method in ("get", "put", "patch", "delete")),
        ("/v1.0/providers/{provider_id}/check", "post"),
        *(("/v1.0/providers/{provider_id}/maintenance", method) for method in ("put", "delete")),
        ("/v1.0/providers/{provider_id}/trace", "get"),
        ("/v1.0/providers/{provider_id}/health", "get"),
        ("/v1.0/providers/{provider_id}/health/history", "get"),
        ("/v1.0/providers/{provider_id}/dial-preview", "post"),
        ("/v1.0/providers/setup", "post"),
        ("/v1.0/providers/{provider_id}/carrier", "get"),
        ("/v1.0/providers/{provider_id}/carrier/verify", "post"),
        ("/v1.0/providers/{provider_id}/carrier/credentials", "put"),
        ("/v1.0/carriers", "get"),
        ("/v1.0/carriers/{carrier}/validate", "post"),
        ("/v1.0/keyring", "get"),
        ("/v1.0/setups", "get"),
        ("/v1.0/setups/{setup_id}", "get"),
        ("/v1.0/setups/{setup_id}/resume", "post"),
        ("/v1.0/setups/{setup_id}/rollback", "post"),
        ("/v1.0/routes", "get"),
        ("/v1.0/routes", "post"),
        *(("/v1.0/routes/{route_id}", method) for method in ("get", "put", "patch", "delete")),
        ("/v1.0/routes/resolve", "post"),
        ("/v1.0/routes/matrix", "get"),
        ("/v1.0/redirects", "get"),
        ("/v1.0/import", "post"),
        ("/v1.0/export", "get"),
        *((f"/v1.0/{kind}s/{{{kind}_id}}/revisions", "get") for kind in ("provider", "route")),
        *(
            (f"/v1.0/{kind}s/{{{kind}_id}}/revisions/{{revision}}/restore", "post")
            for kind in ("provider", "route")
        ),
        ("/metrics", "get"),
        ("/v1.0/alerts", "get"),
        ("/v1.0/alerts/channels", "get"),
        ("/v1.0/alerts/channels/{name}", "delete"),
        ("/v1.0/alerts/channels/{name}", "get"),
        ("/v1.0/alerts/channels/{name}", "put"),
        ("/v1.0/alerts/channels/{name}/test", "post"),
        ("/v1.0/alerts/deliveries", "get"),
        ("/v1.0/alerts/rules", "get"),
        ("/v1.0/alerts/rules/{name}", "delete"),
        ("/v1.0/alerts/rules/{name}", "get"),
        ("/v1.0/alerts/rules/{name}", "put"),
        ("/v1.0/alerts/{alert_id}", "get"),
        ("/v1.0/alerts/{alert_id}/ack", "post"),
        ("/v1.0/calls", "post"),
        ("/v1.0/providers/{provider_id}/sip-login", "delete"),
        ("/v1.0/providers/{provider_id}/sip-login", "get"),
        ("/v1.0/providers/{provider_id}/sip-login", "put"),
        ("/v1.0/providers/{provider_id}/test-calls", "get"),
        ("/v1.0/providers/{provider_id}/test-calls", "post"),
        ("/v1.0/providers/{provider_id}/test-calls/{call_id}", "delete"),
        ("/v1.0/providers/{provider_id}/test-calls/{call_id}", "get"),
        ("/v1.0/providers/{provider_id}/calls/stats", "get"),
        ("/v1.0/audit", "get"),
        ("/v1.0/audit/verify", "get"),
        ("/v1.0/audit/{seq}", "get"),
        ("/v1.0/events", "get"),
        ("/v1.0/events/log", "get"),
    }
    for methods in document["paths"].values():
        for call in methods.values():
            assert set(call["responses"]) == {"200", "default"}
            schema = call["responses"]["default"]["content"]["application/json"]["schema"]
            assert schema["$ref"].endswith("/ErrorEnvelope")


@pytest.mark.parametrize("write", [str.upper, lambda text: text.replace("-", "")], ids=["upper", "bare"])
async def test_an_id_may_be_written_in_any_way_that_a_uuid_is(daemon: RunningDaemon, write: Any) -> None:
    created = await post(daemon)
    path = f"/v1.0/providers/{write(created['id'])}"
    await daemon.until(created["id"], lambda provider: provider.health_status == "unhealthy")
    moved = (await daemon.http.patch(path, json={"hostname": "other.invalid", "enabled": False})).json()
    assert (moved["id"], moved["health_status"]) == (created["id"], "unknown")
    assert (await daemon.http.get(path)).json()["health_status"] == "unknown"
    await daemon.http.patch(path, json={"enabled": True})
    assert (await daemon.client.status()).monitor.targets == 1
    assert (await daemon.http.delete(path)).status_code == 200
    assert (await daemon.client.status()).monitor.targets == 0
