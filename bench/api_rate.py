"""API requests per second, beside a bare FastAPI app on the same kind of socket."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.daemon import bench_daemon, compile_c, fill

PROVIDERS, CONNECTIONS, SECONDS = 1000, 16, 5
HERE = Path(__file__).parent

BARE_APP = """
import json, sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
provider = json.loads(sys.argv[2])

@app.get("/v1.0/providers/{provider_id}")
async def get_provider(provider_id: str) -> dict:
    return provider

uvicorn.run(app, uds=sys.argv[1], log_level="critical", access_log=False)
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What the load program saw."""

    per_s: float
    p50_us: int
    p99_us: int
    wrong: int

    def __str__(self) -> str:
        return (
            f"requests_per_s={self.per_s:.0f} p50_ms={self.p50_us / 1e3:.2f} "
            f"p99_ms={self.p99_us / 1e3:.2f} wrong={self.wrong}"
        )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        load = compile_c(HERE / "load.c", folder)
        (folder / "state").mkdir()
        fill(folder / "state", PROVIDERS, 9)
        with bench_daemon(folder, "interval_s = 86400") as daemon:
            page = daemon.http.get("/v1.0/providers?page_size=1").json()
            provider = daemon.http.get(f"/v1.0/providers/{page['result'][0]['id']}")
            one = _load(load, daemon.socket, f"/v1.0/providers/{provider.json()['id']}")
            several = _load(load, daemon.socket, "/v1.0/providers?page_size=100")
            version = _load(load, daemon.socket, "/version")
        bare = _bare(folder, load, provider.text)
    print(f"provd GET one provider    {one}")
    print(f"provd GET a list of 100   {several}")
    print(f"provd GET /version        {version}")
    print(f"bare FastAPI, same answer {bare}")
    one_to_bare, version_to_bare = one.per_s / bare.per_s, version.per_s / bare.per_s
    print(f"ratio     provd one / bare = {one_to_bare:.3f}, /version / bare = {version_to_bare:.3f}")


def _bare(folder: Path, load: Path, provider: str) -> Rate:
    socket = folder / "bare"
    process = subprocess.Popen([sys.executable, "-c", BARE_APP, str(socket), provider])
    try:
        while not socket.exists():
            time.sleep(0.05)
        time.sleep(0.5)
        return _load(load, socket, "/v1.0/providers/x")
    finally:
        process.terminate()
        process.wait()


def _load(load: Path, socket: Path, path: str) -> Rate:
    command = [str(load), str(socket), path, str(CONNECTIONS), str(SECONDS)]
    per_s, p50_us, p99_us, wrong = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.split()
    return Rate(float(per_s), int(p50_us), int(p99_us), int(wrong))
