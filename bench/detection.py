"""How soon a death is noticed, and how soon a new provider has its first result."""

import signal
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench.daemon import bench_daemon, fill, loopback
from bench.far_end import responder

TARGETS, INTERVAL_S, TIMEOUT_S, PORT, NEW = 1000, 5, 1, 15070, 20
FIRST_WITHIN_S = 1.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        fill(folder / "state", TARGETS, PORT)
        probe = f"interval_s = {INTERVAL_S}\ntimeout_s = {TIMEOUT_S}"
        with responder(folder, PORT) as far_end, bench_daemon(folder, probe) as daemon:
            time.sleep(2 * INTERVAL_S)
            first = max(_first_result_s(daemon.http, TARGETS + number) for number in range(NEW))
            far_end.signal(signal.SIGSTOP)
            died_at = time.time()
            noticed = _noticed_s(daemon.http, died_at)
            far_end.signal(signal.SIGCONT)
    bound = INTERVAL_S + TIMEOUT_S
    print(f"provd     slowest of {len(noticed)} deaths noticed after {max(noticed):.2f} s")
    print(f"ratio     slowest / (interval + timeout) = {max(noticed) / bound:.2f}")
    print(f"ratio     slowest first result of {NEW} / {FIRST_WITHIN_S:g} s = {first / FIRST_WITHIN_S:.2f}")


def _first_result_s(http: httpx.Client, number: int) -> float:
    added = time.time()
    body = {"name": f"new {number}", "hostname": f"{loopback(number)}:{PORT}"}
    path = f"/v1.0/providers/{http.post('/v1.0/providers', json=body).json()['id']}"
    while (checked_at := http.get(path).json()["health_checked_at"]) is None:
        time.sleep(0.01)
    return _unix_s(checked_at) - added


def _noticed_s(http: httpx.Client, died_at: float) -> list[float]:
    deadline = time.monotonic() + 3 * (INTERVAL_S + TIMEOUT_S)
    while time.monotonic() < deadline:
        found = list(_all(http))
        if all(each["health_status"] == "unhealthy" for each in found):
            return [_unix_s(each["health"]["since"]) - died_at for each in found]
        time.sleep(0.2)
    raise SystemExit("some deaths were never noticed")


def _all(http: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        page = http.get("/v1.0/providers", params={"page_size": 1000, "page_token": token}).json()
        found += page["result"]
        token = page["next_page_token"]
        if not token:
            return found


def _unix_s(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
