"""/metrics: on the socket, and on a port of this machine."""

import asyncio
import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from provd.api.listener import ListenError
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.ports import free_port

from .conftest import StartCarrier

QUIET = {"enabled": False}
OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0"}
DOCS = Path(__file__).parents[2] / "docs" / "prometheus"
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(daemon: RunningDaemon) -> Series:
    answer = await daemon.http.get("/metrics", headers=OPENMETRICS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in read_openmetrics(answer.text)
        for sample in family.samples
    }


def value(found: Series, metric: str, /, **labels: str) -> float | None:
    wanted = set(labels.items())
    values = [each for (called, having), each in found.items() if called == metric and wanted <= having]
    assert len(values) <= 1, f"{metric} {labels} fits {len(values)} series"
    return values[0] if values else None


async def test_every_provider_has_one_state_and_every_address_too(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, up = await start_carrier()
    healthy = await daemon.add(up, "up", carrier="acme")
    failing = await daemon.add("127.0.0.1:9", "down")
    unchecked = await daemon.add("192.0.2.1", "unchecked", probe={"enabled": False})
    disabled = await daemon.add("192.0.2.1", "disabled", **QUIET)
    await daemon.until(healthy.id, lambda each: each.health_status.value == "healthy")
    await daemon.until(failing.id, lambda each: each.health_status.value == "unhealthy")
    found = await scrape(daemon)
    for provider, state in (
        (healthy, "healthy"), (failing, "unhealthy"), (unchecked, "unknown"), (disabled, "disabled"),
    ):  # fmt: skip
        for each in ("healthy", "unhealthy", "unknown", "disabled"):
            is_so = value(
                found, "provd_provider_health", provider_id=provider.id, name=provider.name, state=each
            )
            assert is_so == (each == state)
    assert value(found, "provd_provider_cause", provider_id=failing.id, cause="refused") == 1
    assert value(found, "provd_target_health", provider_id=healthy.id, address=up, state="healthy") == 1
    assert (
        value(found, "provd_target_health", provider_id=failing.id, state="unhealthy", transport="udp") == 1
    )
    rtt = value(found, "provd_provider_rtt_seconds", provider_id=healthy.id, carrier="acme")
    assert rtt is not None
    assert 0 < rtt < 5
    assert value(found, "provd_provider_loss_ratio", provider_id=failing.id) == 1
    assert value(found, "provd_provider_rtt_seconds", provider_id=disabled.id) is None
    assert value(found, "provd_providers", state="disabled") == 1


async def test_what_is_measured_is_in_histograms_and_what_waits_in_gauges(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    await daemon.add(hostname, "up", carrier="acme")
    await daemon.http.get("/no/such/path")
    await daemon.http.get("/v1.0/providers/11111111-2222-4333-8444-555555555555")

    found = await eventually(
        lambda: scrape(daemon), lambda each: (value(each, "provd_carrier_rtt_seconds_count") or 0) >= 1
    )
    assert value(found, "provd_rtt_seconds_count") == value(found, "provd_rtt_seconds_bucket", le="+Inf")
    assert value(found, "provd_carrier_rtt_seconds_sum", carrier="acme") is not None
    path = "/v1.0/providers/{provider_id}"
    requests = "provd_api_request_duration_seconds_count"
    assert value(found, requests, method="GET", path=path, code="4xx") == 1
    assert value(found, requests, path="other", code="4xx") == 1
    for name in (
        "provd_loop_lag_seconds_count", "provd_store_write_duration_seconds_count", "provd_checks_total",
        "provd_strays_total", "provd_start_time_seconds",
        "process_cpu_seconds_total", "provd_store_writable",
    ):  # fmt: skip
        assert value(found, name) is not None
    assert value(found, "provd_alerts", state="open") == 0
    assert value(found, "provd_alert_messages", state="waiting") == 0
    assert value(found, "provd_queue_length", queue="history_samples") is not None
    assert value(found, "provd_build_info") == 1


async def test_names_of_any_kind_are_labels_and_both_formats_say_the_same(daemon: RunningDaemon) -> None:
    name = 'a "b" \\ c\\n é{}=,'
    await daemon.add("192.0.2.1", name, carrier='x"y', **QUIET)
    await scrape(daemon)  # from here on there is a series of requests for it
    found = await scrape(daemon)
    assert value(found, "provd_provider_health", name=name, carrier='x"y', state="disabled") == 1
    plain = await daemon.http.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    same = {
        (sample.name, frozenset(sample.labels.items()))
        for family in read_text(plain.text)
        for sample in family.samples
    }
    assert set(found) == same


async def test_calls_are_shares_of_the_last_minutes(daemon: RunningDaemon) -> None:
    provider = await daemon.add("192.0.2.1", "Acme", **QUIET)
    calls = [{"provider": "Acme", "code": code, "pdd_ms": 500} for code in (200, 486, 503, 503)]
    await daemon.http.post("/v1.0/calls", json=calls)
    await daemon.http.post("/v1.0/calls", json=[{"provider": "nobody", "code": 200}])
    found = await scrape(daemon)
    assert value(found, "provd_provider_recent_calls", provider_id=provider.id) == 4
    assert value(found, "provd_provider_recent_asr_ratio", provider_id=provider.id) == 0.25
    assert value(found, "provd_provider_recent_ner_ratio", provider_id=provider.id) == 0.5
    pdd = value(found, "provd_provider_recent_pdd_p95_seconds", provider_id=provider.id)
    assert pdd is not None
    assert math.isclose(pdd, 0.5, rel_tol=0.02)
    assert value(found, "provd_call_records_total", outcome="created") == 4
    assert value(found, "provd_call_records_total", outcome="failed") == 1


async def test_the_port_serves_metrics_alone_and_to_this_machine_alone() -> None:
    port = free_port()
    async with temporary_folder() as folder:
        async with (
            running_daemon(folder, metrics={"listen": f"127.0.0.1:{port}"}),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
        ):
            assert "provd_build_info" in (await http.get("/metrics")).text
            head = await http.head("/metrics")
            assert (head.status_code, head.text) == (200, "")
            assert (await http.get("/v1.0/providers")).status_code == 404
            assert (await http.post("/metrics")).status_code == 405
            for host, status in (
                ("evil.example", 403), ("localhost:1", 200), ("[::1]:9", 200), ("127.0.0.1.evil", 403),
            ):  # fmt: skip
                assert (await http.get("/metrics", headers={"Host": host})).status_code == status
            web_page = {"Origin": "http://127.0.0.1"}
            assert (await http.get("/metrics", headers=web_page)).status_code == 403
        async with (
            running_daemon(folder, metrics={"listen": f"127.0.0.1:{port}"}),
            temporary_folder() as other,
        ):
            with pytest.raises(ListenError, match=f"listen: tcp:127.0.0.1:{port} can't be had"):
                async with running_daemon(other, metrics={"listen": f"127.0.0.1:{port}"}):
                    pass


async def test_the_dashboard_and_the_rules_ask_for_metrics_that_there_are(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    provider = await daemon.add(hostname, "up", carrier="acme")
    await daemon.until(provider.id, lambda each: each.health_status.value == "healthy")
    await daemon.http.post("/v1.0/calls", json={"provider": "up", "code": 200, "pdd_ms": 1})
    found = await eventually(
        lambda: scrape(daemon), lambda each: value(each, "provd_carrier_rtt_seconds_count") is not None
    )
    there_are = {name for name, _ in found} | {"provd_target_certificate_days"}
    dashboard = json.loads((DOCS / "dashboard.json").read_text())
    queries = [target["expr"] for panel in _panels(dashboard) for target in panel.get("targets", [])]
    queries += [each["query"]["query"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    queries.append((DOCS / "rules.yml").read_text())
    asked = {name for query in queries for name in re.findall(r"\bprovd_[a-z0-9_]+", query)}
    assert len(asked) > 10
    assert asked <= there_are


def _panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [inner for panel in dashboard["panels"] for inner in [panel, *panel.get("panels", [])]]


needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian package prometheus)"
)


async def run(*command: str | Path, told: str = "") -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(told.encode())
    return process.returncode, output.decode()


@needs_promtool
async def test_promtool_has_nothing_against_the_metrics(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    provider = await daemon.add(hostname, "up", carrier="acme")
    await daemon.until(provider.id, lambda each: each.health_status.value == "healthy")
    await daemon.http.post("/v1.0/calls", json={"provider": "up", "code": 200, "pdd_ms": 1})
    text = (await daemon.http.get("/metrics")).text
    ours = "".join(line for line in text.splitlines(keepends=True) if "process_" not in line)
    assert await run("promtool", "check", "metrics", told=ours) == (0, "")


@needs_promtool
async def test_promtool_has_nothing_against_the_rules_and_they_do_what_they_say() -> None:
    code, told = await run("promtool", "check", "rules", DOCS / "rules.yml")
    assert code == 0, told
    code, told = await run("promtool", "test", "rules", DOCS / "rules_test.yml")
    assert code == 0, told


@pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="Prometheus is not installed (Debian package prometheus)"
)
async def test_prometheus_scrapes_it_and_answers_from_it(start_carrier: StartCarrier, tmp_path: Path) -> None:
    _, hostname = await start_carrier()
    port, prometheus_port = free_port(), free_port()
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: ['{DOCS / 'rules.yml'}']\n"
        f"scrape_configs: [{{job_name: provd, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]\n"
    )
    async with (
        temporary_folder() as folder,
        running_daemon(folder, metrics={"listen": f"127.0.0.1:{port}"}) as daemon,
    ):
        provider = await daemon.add(hostname, 'the "first"', carrier="acme")
        await daemon.until(provider.id, lambda each: each.health_status.value == "healthy")
        process = await asyncio.create_subprocess_exec(
            "prometheus", f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{prometheus_port}",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with httpx.AsyncClient(trust_env=False) as http:

                async def ask(query: str) -> list[dict[str, Any]]:
                    url = f"http://127.0.0.1:{prometheus_port}/api/v1/query"
                    try:
                        answer = await http.get(url, params={"query": query})
                    except httpx.TransportError:
                        return []
                    return list(answer.json()["data"]["result"]) if answer.status_code == 200 else []

                (up,) = await eventually(lambda: ask("up == 1"), bool)
                assert up["metric"]["job"] == "provd"
                (health,) = await eventually(
                    lambda: ask('provd_provider_health{state="healthy"} == 1'), lambda each: len(each) == 1
                )
                assert health["metric"]["provider_id"] == provider.id
                assert health["metric"]["name"] == 'the "first"'
                rtt = "histogram_quantile(0.95, sum by (le) (provd_rtt_seconds_bucket))"
                (quantile,) = await eventually(
                    lambda: ask(rtt), lambda each: len(each) == 1 and each[0]["value"][1] != "NaN"
                )
                assert float(quantile["value"][1]) > 0
        finally:
            process.terminate()
            await process.wait()


async def test_a_client_reads_the_figures_up_to_a_bound(daemon: RunningDaemon) -> None:
    text, whole = await daemon.client.metrics(1_000_000)
    assert whole
    assert "provd_" in text
    assert [sample for family in read_text(text) for sample in family.samples]
    cut, whole = await daemon.client.metrics(1000)
    assert not whole
    assert 0 < len(cut) <= 1000
    assert cut.endswith("\n")
