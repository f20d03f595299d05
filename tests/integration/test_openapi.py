"""Whatever the OpenAPI document allows, and some that it does not: no bug, and no answer that it leaves out.

Nothing leaves the machine: what checks and calls to carriers send comes from loopback addresses, from which
no others can be reached, and DNS is asked at a port where nobody answers.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CONFIG = """
[daemon]
socket = "{folder}/s"
state_dir = "{folder}/state"
[probe]
bind = "127.0.0.1:0"
bind6 = "[::1]:0"
timeout_s = 1
[dns]
nameservers = ["127.0.0.1:9"]
[keyring]
backend = "file"
[platform]
sip_gateways = ["203.0.113.10:5060"]
[carriers]
telnyx.base_url = "http://127.0.0.1:9"
twilio.base_url = "http://127.0.0.1:9"
bandwidth.base_url = "http://127.0.0.1:9"
"""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
UNAVAILABLE = (502, 503, 504)  # what a carrier that is not there is answered with
STREAM = "/v1.0/events"
"""A stream has no end; its own tests are in test_events.py."""
PATIENCE_S = 20.0
HOSTNAMES = ["127.0.0.1:9", "[::1]:9", "sip.carrier.invalid"]
NUMBERS = ["+442071838750", "112", "tel:+15551234567"]
RIGHT_ALONE = ("tech_prefix", "tech_postfix", "tech_headers", "codecs", "tags", "probe", "customer_id")
"""Fields that are seldom right by chance, and may be left out."""


@dataclass(frozen=True, slots=True)
class Running:
    """``known`` are ids that there are, by the names of path parameters."""

    http: httpx.Client
    schema: Any
    log: Path
    known: dict[str, list[str]]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="provd-") as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG.format(folder=folder))
        command = [sys.executable, "-m", "provd", "run", "--config", str(folder / "config.toml")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        transport = httpx.HTTPTransport(uds=str(folder / "s"))
        try:
            _until_it_listens(folder / "s", process)
            with httpx.Client(transport=transport, base_url="http://provd", timeout=PATIENCE_S) as http:
                document = http.get("/openapi.json").json()
                schema = schemathesis.openapi.from_dict(document)
                yield Running(http, schema, folder / "log", _filled(http))
        finally:
            process.terminate()
            process.wait()


def _filled(http: httpx.Client) -> dict[str, list[str]]:
    def made(path: str, **body: object) -> str:
        return str(http.post(path, json=body).raise_for_status().json()["id"])

    providers = [made("/v1.0/providers", name=f"n{n}", hostname="127.0.0.1:9") for n in range(20)]
    routes = [
        made("/v1.0/routes", name="r", provider_id=key, target=f"+{n}1") for n, key in enumerate(providers, 1)
    ]
    return {"provider_id": providers, "route_id": routes, "carrier": ["telnyx", "twilio", "bandwidth"]}


def _plausible(draw: Any, case: Any, known: dict[str, list[str]]) -> None:
    """Put in, now and then, what is not only of the right form but right."""
    for name, values in known.items():
        if name in (case.path_parameters or {}) and draw(st.booleans()):
            case.path_parameters[name] = draw(st.sampled_from(values))
    right = {
        "name": ["a carrier"],
        "hostname": HOSTNAMES,
        "target": ["all", "+44"],
        "destination": NUMBERS,
        **known,
    }
    if isinstance(case.body, dict) and draw(st.booleans()):
        for name in RIGHT_ALONE:
            case.body.pop(name, None)
        for name, values in right.items():
            if name in case.body:
                case.body[name] = draw(st.sampled_from(values))


def _until_it_listens(socket: Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_S
    while not socket.exists():
        assert time.monotonic() < until, "the daemon did not start in time"
        assert process.poll() is None, "the daemon ended by itself"
        time.sleep(0.02)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(data=st.data())
def test_every_answer_is_one_that_the_document_describes(running: Running, data: st.DataObject) -> None:
    operations = [found.ok() for found in running.schema.get_all_operations()]
    operations = [each for each in operations if each.path != STREAM]
    operation = data.draw(st.sampled_from(sorted(operations, key=lambda each: each.label)))
    mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
    case = data.draw(operation.as_strategy(generation_mode=mode))
    _plausible(data.draw, case, running.known)
    how = case.as_transport_kwargs(base_url="http://provd")
    request = running.http.build_request(
        how["method"], how["url"], params=how.get("params"), headers=how.get("headers"),
        content=how.get("data"), json=how.get("json"),
    )  # fmt: skip
    answer = running.http.send(request)
    if answer.status_code in UNAVAILABLE:
        assert answer.json()["error"]["status"] in ("CARRIER_ERROR", "CARRIER_TIMEOUT", "UNAVAILABLE")
        return
    case.validate_response(answer, checks=CHECKS)
    assert "Traceback" not in running.log.read_text(), running.log.read_text()[-2000:]


def test_the_document_is_one_of_openapi(running: Running) -> None:
    running.schema.validate()
    assert json.loads(running.http.get("/openapi.json").text)["openapi"].startswith("3.")
