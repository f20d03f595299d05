"""When this system has no more file descriptors, that is told as our own fault."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
WITHOUT_DESCRIPTORS = """
import asyncio, os, resource, sys
from provd.probe.stream.client import StreamClient
from provd.probe.stream.route import Route
from provd.probe.stream.tls import TlsFiles
from provd.schema.provider import Transport

async def main():
    client = StreamClient(TlsFiles(), lambda *_: None)
    route = Route(Transport(sys.argv[1]), ("127.0.0.1", 9), "carrier.example")
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    held = []
    try:
        while True:
            held.append(os.dup(0))
    except OSError:
        pass
    outcome = await client.exchange(route, lambda *_: b"", 5.0)
    for descriptor in held:
        os.close(descriptor)
    print(outcome.cause.value, "-", outcome.reason)
    await client.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_without_file_descriptors_the_fault_is_our_own(transport: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_DESCRIPTORS, transport],
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.stdout == "local - Too many open files\n", ended.stderr
