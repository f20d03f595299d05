"""How long it takes to be told who would carry a call, at many routes; beside the cheapest answer of all."""

import json
import tempfile
import time
from pathlib import Path

import httpx

from bench.daemon import bench_daemon, fill, provider_id
from bench.far_end import responder

PROVIDERS, ROUTES, ROUTES_OF_A_TARGET = 200, 10_000, 4
ASKED, PORT, GOAL_P99_MS = 3000, 15070, 5.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        fill(folder / "state", PROVIDERS, PORT)
        with responder(folder, PORT), bench_daemon(folder, "interval_s = 30") as daemon:
            _add_routes(daemon.http)
            numbers = [f"{_target(number * 7)}{number % 10_000:04d}" for number in range(ASKED)]
            resolve_ms = [_resolve_ms(daemon.http, number) for number in numbers]
            version_ms = [_version_ms(daemon.http) for _ in range(ASKED)]
    print(f"provd     resolve at {ROUTES} routes: {_figures(resolve_ms)}")
    print(f"anchor    GET /version: {_figures(version_ms)}")
    print(f"goal      p99_ms < {GOAL_P99_MS:g}")
    p99_ms = _percentile(resolve_ms, 99)
    print(f"ratio     p99 / goal = {p99_ms / GOAL_P99_MS:.2f}")
    print(f"ratio     p99 / p99 of /version = {p99_ms / _percentile(version_ms, 99):.2f}")


def _target(number: int) -> str:
    return f"+44{10_000 + number % (ROUTES // ROUTES_OF_A_TARGET)}"


def _add_routes(http: httpx.Client) -> None:
    routes = (
        {
            "name": f"route {number}",
            "provider_id": provider_id((number * 7 + number // (ROUTES // ROUTES_OF_A_TARGET)) % PROVIDERS),
            "target": _target(number),
            "priority": number // (ROUTES // ROUTES_OF_A_TARGET),
        }
        for number in range(ROUTES)
    )
    lines = "".join(json.dumps(route) + "\n" for route in routes)
    how = {"content-type": "application/x-ndjson"}
    report = http.post("/v1.0/import", content=lines, headers=how, timeout=60).raise_for_status().json()
    if report["routes"]["created"] != ROUTES:
        raise SystemExit(f"not every route was taken: {report['failed']}")


def _resolve_ms(http: httpx.Client, number: str) -> float:
    began = time.perf_counter()
    answer = http.post("/v1.0/routes/resolve", json={"destination": number})
    took = (time.perf_counter() - began) * 1e3
    if len(answer.raise_for_status().json()["attempts"]) != ROUTES_OF_A_TARGET:
        raise SystemExit(f"a wrong answer for {number}: {answer.text}")
    return took


def _version_ms(http: httpx.Client) -> float:
    began = time.perf_counter()
    http.get("/version").raise_for_status()
    return (time.perf_counter() - began) * 1e3


def _figures(times_ms: list[float]) -> str:
    return f"p50_ms={_percentile(times_ms, 50):.2f} p99_ms={_percentile(times_ms, 99):.2f}"


def _percentile(times_ms: list[float], percent: int) -> float:
    return sorted(times_ms)[len(times_ms) * percent // 100]


if __name__ == "__main__":
    main()
