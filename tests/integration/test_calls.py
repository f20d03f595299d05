"""How calls went, over the real socket: reported, counted once, and what is seen of it."""

import json
import time
from typing import Any

import httpx
import pytest

from provd.client import ApiError
from provd.schema.timestamps import to_timestamp
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder

from .conftest import StartCarrier

QUIET = {"enabled": False}


async def send(daemon: RunningDaemon, *records: object) -> dict[str, Any]:
    text = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in records)
    report = await daemon.client.report_calls(text.encode())
    return report.model_dump(exclude_none=True)


def ago(seconds: float) -> str:
    return to_timestamp(time.time() - seconds)


async def test_one_call_is_taken_once_and_counted(daemon: RunningDaemon) -> None:
    provider = await daemon.add("192.0.2.1", "Acme", **QUIET)
    call = {
        "id": "a-1", "provider": "Acme", "at": ago(60), "destination": "+442071838750", "code": 200,
        "pdd_ms": 850, "setup_ms": 4000, "duration_s": 30, "codec": "PCMA", "mos": 4.1, "loss_pct": 0.2,
    }  # fmt: skip
    first = (await daemon.http.post("/v1.0/calls", json=call)).json()
    again = (await daemon.http.post("/v1.0/calls", json={**call, "provider": provider.id})).json()
    assert first == {"created": 1, "duplicates": 0, "failed": [], "failed_total": 0}
    assert again == {"created": 0, "duplicates": 1, "failed": [], "failed_total": 0}
    stats = await daemon.client.call_stats(provider.id)
    assert (stats.calls.attempts, stats.calls.asr_pct, stats.calls.ner_pct) == (1, 100.0, 100.0)
    assert (stats.calls.acd_s, stats.calls.mos_mean, stats.calls.loss_mean_pct) == (30.0, 4.1, 0.2)
    assert (stats.calls.classes, [each.country for each in stats.countries]) == ({"2xx": 1}, ["GB"])


async def test_each_wrong_record_of_a_batch_fails_alone_with_its_place(daemon: RunningDaemon) -> None:
    provider = await daemon.add("192.0.2.1", "Acme", **QUIET)
    await daemon.add("192.0.2.2", "twin", **QUIET)
    await daemon.add("192.0.2.3", "twin", **QUIET)
    report = await send(
        daemon,
        {"provider": f"provd-{provider.id}", "code": 486},
        {"provider": "nobody", "code": 200},
        {"provider": "twin", "code": 200},
        {"provider": "Acme", "code": 99},
        {"provider": "Acme", "code": 200, "pddms": 3},
        {"provider": "Acme", "code": 200, "at": "2020-01-01"},
        {"provider": "Acme", "code": 200, "at": "2999-01-01"},
        "{",
        {"provider": "Acme", "code": 603, "id": "x"},
        {"provider": "Acme", "code": 603, "id": "x"},
    )
    failed = {each["line"]: each["message"] for each in report["failed"]}
    assert (report["created"], report["duplicates"], report["failed_total"]) == (2, 1, 7)
    assert set(failed) == {2, 3, 4, 5, 6, 7, 8}
    assert failed[2] == "provider 'nobody' is not known: give the id or the name of one that there is"
    assert failed[3] == "provider 'twin' fits 2 providers: give the id"
    assert "pddms is not a known field" in failed[5]
    assert failed[6].startswith("at is more than 90 days ago")
    assert failed[7].startswith("at is a time that is to come")

    array = [{"provider": "Acme", "code": 200}, 7, {"provider": "nobody", "code": 200}]
    answer = (await daemon.http.post("/v1.0/calls", json=array)).json()
    assert (answer["created"], [each["index"] for each in answer["failed"]]) == (1, [1, 2])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"provider": "Acme"}', "code is missing"),
        ('{"provider": "Acme", "code": 200, "durations": 3}', "durations is not a known key: did you mean"),
        ('{"provider": "nobody", "code": 200}', "provider 'nobody' is not known: "),
        ('{"provider": "Acme", "code": 200, "at": "1999-01-01"}', "at is more than 90 days ago"),
        ("{", "body is not JSON: "),
        ("7", "body "),
    ],
)  # fmt: skip
async def test_a_wrong_call_alone_is_refused(daemon: RunningDaemon, body: str, message: str) -> None:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    answer = await daemon.http.post("/v1.0/calls", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(message)


async def test_json_has_a_bound_and_ndjson_has_none(daemon: RunningDaemon) -> None:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    call = json.dumps({"provider": "Acme", "code": 200, "destination": "+44" + "1" * 200})
    many = [call] * 5000
    refused = await daemon.http.post("/v1.0/calls", content=f"[{','.join(many)}]")
    assert refused.json()["error"]["reason"] == "BODY_TOO_LARGE"
    assert (await send(daemon, *many))["created"] == 5000


async def test_an_import_is_one_line_of_the_audit_log_and_single_calls_are_none(
    daemon: RunningDaemon,
) -> None:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    await daemon.http.post("/v1.0/calls", json={"provider": "Acme", "code": 200})
    await send(daemon, *[{"provider": "Acme", "code": 200}] * 3, "{")
    page = await daemon.client.audit(filters={"action": "calls."})
    assert [(each.action, each.after) for each in page.result] == [
        ("calls.import", {"created": 3, "duplicates": 0, "failed": 1})
    ]


async def test_figures_are_the_same_from_rollups_and_from_calls_at_any_edge(daemon: RunningDaemon) -> None:
    provider = await daemon.add("192.0.2.1", "Acme", tech_prefix="99", **QUIET)
    records = [
        {"provider": "Acme", "code": 503 if minutes % 4 else 200, "at": ago(minutes * 60),
         "pdd_ms": minutes % 700, "destination": "99+4930123456" if minutes % 3 else "+12125551234"}
        for minutes in range(0, 10 * 24 * 60, 7)
    ]  # fmt: skip
    assert (await send(daemon, *records))["created"] == len(records)
    for since, until in ((3.2, 0), (90.4, 3.1), (9.99 * 24, 1), (0.7, 0.2), (50, 49)):
        stats = await daemon.client.call_stats(
            provider.id, since=ago(since * 3600), until=ago(until * 3600) if until else ""
        )
        begun = [each for each in records if stats.from_ <= str(each["at"]) < stats.to]
        assert stats.calls.attempts == len(begun)
        assert stats.calls.answered == sum(each["code"] == 200 for each in begun)
        assert {each.country: each.attempts for each in stats.countries} == {
            country: number
            for country, start in (("DE", "99"), ("US", "+1"))
            if (number := sum(str(each["destination"]).startswith(start) for each in begun))
        }
    stats = await daemon.client.call_stats(provider.id, since=ago(24 * 3600), country="DE")
    assert (stats.calls.attempts, stats.country) == (stats.countries[0].attempts, "DE")
    assert stats.week_before.attempts > 100
    assert stats.trend.attempts == stats.calls.attempts - stats.week_before.attempts
    assert stats.trend.ner_pct is not None


async def test_inbound_calls_are_figures_of_their_own(daemon: RunningDaemon) -> None:
    provider = await daemon.add("192.0.2.1", "Acme", **QUIET)
    await send(
        daemon, {"provider": "Acme", "code": 200, "direction": "inbound"}, {"provider": "Acme", "code": 503}
    )
    inbound = await daemon.client.call_stats(provider.id, direction="inbound")
    outbound = await daemon.client.call_stats(provider.id)
    assert (inbound.calls.asr_pct, outbound.calls.asr_pct) == (100.0, 0.0)


async def test_statistics_of_nobody_or_of_no_time_are_refused(daemon: RunningDaemon) -> None:
    provider = await daemon.add("192.0.2.1", "Acme", **QUIET)
    with pytest.raises(ApiError, match="there is no provider"):
        await daemon.client.call_stats("11111111-2222-4333-8444-555555555555")
    with pytest.raises(ApiError, match="from must be before to"):
        await daemon.client.call_stats(provider.id, since=ago(10), until=ago(20))


async def test_a_provider_whose_checks_succeed_while_calls_fail_is_impaired_also_after_a_restart(
    start_carrier: StartCarrier,
) -> None:
    _, hostname = await start_carrier()
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            provider = await daemon.add(hostname, "Acme")
            await daemon.until(provider.id, lambda each: each.health_status.value == "healthy")
            assert not (await daemon.client.provider(provider.id)).health.impaired
            await send(daemon, *[{"provider": "Acme", "code": 503, "at": ago(30)}] * 20)
            found = (await daemon.client.provider(provider.id)).health
            assert found.impaired
            assert found.impaired_reason == (
                "its checks succeed, but of the 20 calls of the last 15 min only 0 reached the called party "
                "(NER 0 %, and less than 50 % is too little): 20 ended with 503"
            )
        async with running_daemon(folder) as daemon:
            found = (await daemon.client.provider(provider.id)).health
            assert found.impaired
            await send(daemon, *[{"provider": "Acme", "code": 200, "duration_s": 3, "at": ago(10)}] * 30)
            assert not (await daemon.client.provider(provider.id)).health.impaired


async def test_a_provider_that_is_down_is_not_called_impaired_as_well(daemon: RunningDaemon) -> None:
    provider = await daemon.add("127.0.0.1:9", "Acme")
    await daemon.until(provider.id, lambda each: each.health_status.value == "unhealthy")
    await send(daemon, *[{"provider": "Acme", "code": 503}] * 30)
    assert not (await daemon.client.provider(provider.id)).health.impaired


async def test_a_body_that_breaks_off_leaves_what_came_before(daemon: RunningDaemon) -> None:
    provider = await daemon.add("192.0.2.1", "Acme", **QUIET)
    line = json.dumps({"provider": "Acme", "code": 200}).encode() + b"\n"

    async def breaking() -> Any:
        yield line * 4500
        raise OSError("gone")

    with pytest.raises((OSError, httpx.HTTPError)):
        await daemon.http.post(
            "/v1.0/calls", content=breaking(), headers={"Content-Type": "application/x-ndjson"}
        )
    stats = await eventually(
        lambda: daemon.client.call_stats(provider.id), lambda each: each.calls.attempts > 0
    )
    assert stats.calls.attempts == 4000
