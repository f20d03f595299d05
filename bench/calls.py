"""A million call records: how fast they load, and how long statistics over them take.

Beside it SQLite alone, which writes as many plain rows in transactions of the same size, and GET /version.
"""

import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from bench.daemon import bench_daemon, fill, memory_mib, provider_id
from provd.schema.timestamps import to_timestamp

PROVIDERS, RECORDS, DAYS = 50, 1_000_000, 30
BATCH = 2000
GOAL_PER_S, GOAL_MS = 5000.0, 100.0
ASKED = 60
_NUMBERS = (
    "+4420718387", "+1212555", "+4930123", "+336123", "+390612", "+34612", "+31612", "+46812", "+4161",
    "+4312", "+48512", "+35812", "+90532", "+91987", "+5511", "+61412", "+27821", "+2348", "+971501",
    "+81312",
)  # fmt: skip
_CODES = (200,) * 12 + (486, 486, 480, 480, 487, 487, 404, 503)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        fill(folder / "state", PROVIDERS, 9)
        anchor = _sqlite_alone(folder / "anchor.db")
        with bench_daemon(folder, "interval_s = 3600") as daemon:
            loaded = _load(daemon.http)
            again = _load(daemon.http, RECORDS // 10)
            print(f"provd     records={RECORDS} per_s={loaded:.0f} rss_mib={memory_mib(daemon.pid):.0f}")
            print(f"provd     {RECORDS // 10} of them again, all known: per_s={again:.0f}")
            print(f"anchor    SQLite alone: per_s={anchor:.0f}")
            print(f"ratio     per_s / goal = {loaded / GOAL_PER_S:.2f}")
            print(f"ratio     per_s / SQLite alone = {loaded / anchor:.3f}")
            size = sum(each.stat().st_size for each in (folder / "state").glob("provd.db*"))
            print(f"provd     store_mb={size / 1e6:.0f} bytes_a_call={size / RECORDS:.0f}", flush=True)
            _statistics(daemon.http)


def _statistics(http: httpx.Client) -> None:
    version = [_ms(http, "/version", {}) for _ in range(ASKED)]
    now = time.time()
    for words, days, country in (
        ("24 h", 1, ""),
        ("7 d", 7, ""),
        ("7 d, one country", 7, "GB"),
        ("30 d", 30, ""),
    ):
        query = {"from": to_timestamp(now - days * 86400)} | ({"country": country} if country else {})
        times = [
            _ms(http, f"/v1.0/providers/{provider_id(number % PROVIDERS)}/calls/stats", query)
            for number in range(ASKED)
        ]
        print(
            f"provd     stats over {words}: {_figures(times)}; "
            f"max / goal = {max(times) / GOAL_MS:.2f}, p50 / GET /version = {_p50(times) / _p50(version):.1f}"
        )


def _load(http: httpx.Client, number: int = RECORDS) -> float:
    began = time.perf_counter()
    how = {"content-type": "application/x-ndjson"}
    report = http.post("/v1.0/calls", content=_records(number), headers=how, timeout=None)
    took = time.perf_counter() - began
    counted = report.raise_for_status().json()
    if counted["created"] + counted["duplicates"] != number:
        raise SystemExit(f"not every record was taken: {report.text[:500]}")
    return number / took


def _records(number: int) -> Iterator[bytes]:
    """Records in the order of time, as a file of them has it."""
    chance = random.Random(1)
    step = DAYS * 86400 / RECORDS
    begin = time.time() // 86400 * 86400 - DAYS * 86400 + 3600
    for first in range(0, number, BATCH):
        lines = []
        for each in range(first, min(first + BATCH, number)):
            code = chance.choice(_CODES)
            record = {
                "id": f"call-{each}",
                "provider": provider_id(chance.randrange(PROVIDERS)),
                "at": to_timestamp(begin + each * step),
                "destination": f"{chance.choice(_NUMBERS)}{each % 10000:04d}",
                "code": code,
                "pdd_ms": round(chance.lognormvariate(6.9, 0.5)),
            }
            if code == 200:
                record |= {
                    "setup_ms": 4000,
                    "duration_s": round(chance.expovariate(1 / 180), 1),
                    "codec": "PCMA",
                }
                record |= {"mos": 4.2, "loss_pct": 0.1}
            lines.append(json.dumps(record))
        yield ("\n".join(lines) + "\n").encode()


def _sqlite_alone(path: Path) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE call (id INTEGER PRIMARY KEY, a, b, c, d, e, f, g)")
    row = ("call-1234567", provider_id(1), 1.7e9, "+442071838750", 200, 850.0, 180.0)
    began = time.perf_counter()
    for _ in range(0, RECORDS, BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO call (a, b, c, d, e, f, g) VALUES (?, ?, ?, ?, ?, ?, ?)", [row] * BATCH
        )
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    path.unlink()
    return RECORDS / took


def _ms(http: httpx.Client, path: str, query: dict[str, str]) -> float:
    began = time.perf_counter()
    http.get(path, params=query).raise_for_status()
    return (time.perf_counter() - began) * 1e3


def _figures(times_ms: list[float]) -> str:
    return f"p50_ms={_p50(times_ms):.1f} max_ms={max(times_ms):.1f}"


def _p50(times_ms: list[float]) -> float:
    return sorted(times_ms)[len(times_ms) // 2]


if __name__ == "__main__":
    main()
