"""100,000 providers: brought in by NDJSON and CSV, started with, and changed one at a time."""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bench.daemon import BenchDaemon, bench_daemon, loopback
from bench.far_end import responder

PROVIDERS, INTERVAL_S, PORT, CHANGED = 100_000, 30, 15070, 200
GOAL_IMPORT_S, GOAL_READY_S = 60.0, 5.0
FORMS = {"NDJSON": "application/x-ndjson", "CSV": "text/csv"}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        for form, media_type in FORMS.items():
            folder = Path(name, form)
            (folder / "state").mkdir(parents=True)
            with bench_daemon(folder, f"interval_s = {INTERVAL_S}") as daemon:
                took = _import(daemon.http, media_type, _ndjson() if form == "NDJSON" else _csv())
            print(f"import    {form} s={took:.1f} ratio_to_goal={took / GOAL_IMPORT_S:.2f}", flush=True)
        with responder(folder, PORT) as far_end, bench_daemon(folder, f"interval_s = {INTERVAL_S}") as daemon:
            print(f"start     ready_s={daemon.ready_s:.1f} ratio_to_goal={daemon.ready_s / GOAL_READY_S:.2f}")
            whole_s = _until_all_are_checked(daemon, time.monotonic())
            print(f"start     all healthy after s={whole_s:.1f} ratio_to_interval={whole_s / INTERVAL_S:.2f}")
            time.sleep(INTERVAL_S)  # until every target has moved into its phase
            far_end.begin()
            time.sleep(INTERVAL_S)
            print(f"ratio     busiest 10 ms / mean = {far_end.burst():.2f}", flush=True)
            _change(daemon.http)


def _ndjson() -> bytes:
    lines = (
        json.dumps({"name": f"carrier {n}", "hostname": f"{loopback(n)}:{PORT}"}) for n in range(PROVIDERS)
    )
    return "\n".join(lines).encode()


def _csv() -> bytes:
    lines = (f"carrier {n},{loopback(n)}:{PORT}" for n in range(PROVIDERS))
    return "\n".join(("name,hostname", *lines)).encode()


def _import(http: httpx.Client, media_type: str, content: bytes) -> float:
    began = time.monotonic()
    answer = http.post("/v1.0/import", content=content, headers={"content-type": media_type}, timeout=600)
    if answer.raise_for_status().json()["created"] != PROVIDERS:
        raise SystemExit(f"not every line was taken: {answer.text[:500]}")
    return time.monotonic() - began


def _until_all_are_checked(daemon: BenchDaemon, began: float) -> float:
    while _counts(daemon.http)["healthy"] < PROVIDERS:
        if time.monotonic() - began > 4 * INTERVAL_S:
            raise SystemExit(f"not every provider was checked: {_counts(daemon.http)}")
        time.sleep(0.2)
    return time.monotonic() - began


def _counts(http: httpx.Client) -> dict[str, int]:
    return dict(http.get("/v1.0/status").json()["providers"])


def _change(http: httpx.Client) -> None:
    ids = [each["id"] for each in http.get(f"/v1.0/providers?page_size={CHANGED}").json()["result"]]
    for what, change in _changes(http).items():
        took_ms = sorted(_took_ms(change, each) for each in ids)
        version_ms = sorted(_took_ms(lambda _: http.get("/version"), each) for each in ids)
        p99_ms, anchor_ms = took_ms[len(ids) * 99 // 100], version_ms[len(ids) // 2]
        p50_ms = took_ms[len(ids) // 2]
        print(
            f"{what:9} p50_ms={p50_ms:.1f} p99_ms={p99_ms:.1f} p50_ratio_to_version={p50_ms / anchor_ms:.1f}"
        )


def _changes(http: httpx.Client) -> dict[str, Callable[[str], httpx.Response]]:
    return {
        "disable": lambda key: http.patch(f"/v1.0/providers/{key}", json={"enabled": False}),
        "enable": lambda key: http.patch(f"/v1.0/providers/{key}", json={"enabled": True}),
        "delete": lambda key: http.delete(f"/v1.0/providers/{key}"),
    }


def _took_ms(call: Callable[[str], httpx.Response], key: str) -> float:
    began = time.perf_counter()
    call(key).raise_for_status()
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    main()
