"""Whatever comes in, the envelope comes out, nothing is changed, and the daemon goes on."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from provd.api.protocol import PeerProtocol
from provd.schema.errors import ErrorEnvelope
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder

from .test_api_providers import BODY, post

LONG = "x" * 5000
NOBODY = "00000000-0000-4000-8000-000000000000"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def daemon() -> AsyncIterator[RunningDaemon]:
    """One for all that is refused: it has no provider, and goes on."""
    async with temporary_folder() as folder, running_daemon(folder) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def own_daemon() -> AsyncIterator[RunningDaemon]:
    """One that a test may add to."""
    async with temporary_folder() as folder, running_daemon(folder) as running:
        yield running


async def refused(daemon: RunningDaemon, **fields: Any) -> dict[str, str]:
    """Post the fields; answers the message for each field that was found wrong."""
    answer = await daemon.http.post("/v1.0/providers", json=BODY | fields)
    assert answer.status_code == 400, answer.text
    error = ErrorEnvelope.model_validate_json(answer.content).error
    assert error.status == "INVALID_ARGUMENT"
    assert error.request_id == answer.headers["x-request-id"]
    assert (await daemon.client.providers()).result == []
    return {detail.field: detail.message for detail in error.details}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "empty"),
        ("name", "   ", "empty"),
        ("name", "x" * 256, "255"),
        ("name", 7, "string"),
        ("name", None, "string"),
        ("name", "a\r\nb", "U+000D"),
        ("name", "a\0b", "U+0000"),
        ("name", "a\x1b[2Jb", "U+001B"),
        ("detail", "x" * 4097, "4096"),
        ("detail", "line\nbreak", "U+000A"),
        ("type", "h323", "'sip'"),
        ("hostname", "", "empty"),
        ("hostname", "a b", "DNS name"),
        ("hostname", "a..b", "DNS name"),
        ("hostname", "-a.com", "DNS name"),
        ("hostname", "x" * 64 + ".com", "DNS name"),
        ("hostname", "x." * 130 + "com", "255"),
        ("hostname", "sip:a.com", "URI"),
        ("hostname", "user@a.com", "user part"),
        ("hostname", "a.com:0", "1 to 65535"),
        ("hostname", "a.com:65536", "1 to 65535"),
        ("hostname", "a.com:5o6o", "1 to 65535"),
        ("hostname", "a.com:\u0665\u0660\u0666\u0660", "1 to 65535"),
        ("hostname", "a.com:", "1 to 65535"),
        ("hostname", "::1", "brackets"),
        ("hostname", "[::1", "']'"),
        ("hostname", "[::g]", "not an IPv6 address"),
        ("hostname", "[fe80::1%eth0]", "zone"),
        ("hostname", "300.1.1.1", "neither an IPv4 address nor a DNS name"),
        ("hostname", "b\u00fccher.example", "xn--"),
        ("hostname", "a.com\r\nX", "DNS name"),
        ("tech_prefix", "12a", "digits"),
        ("tech_prefix", "\u0661", "digits"),
        ("tech_postfix", "12@", "host after '@'"),
        ("tech_postfix", "@a b", "host after '@'"),
        ("tech_postfix", "x", "@host"),
        ("tech_headers", [], "dictionary"),
        ("tech_headers", {"X A": "1"}, "token"),
        ("tech_headers", {"": "1"}, "token"),
        ("tech_headers", {"X-A\r\nY": "1"}, "token"),
        ("tech_headers", {"Via": "1"}, "SIP stack"),
        ("tech_headers", {"content-type": "1"}, "SIP stack"),
        ("tech_headers", {"f": "1"}, "SIP stack"),
        ("tech_headers", {"X-A": "1", "x-a": "2"}, "twice"),
        ("tech_headers", {f"X-{n}": "1" for n in range(33)}, "32"),
        ("tech_headers.X-A", {"X-A": "1\r\nX-B: 2"}, "U+000D"),
        ("tech_headers.X-A", {"X-A": "x" * 1025}, "1024"),
        ("tech_headers.X-A", {"X-A": 5}, "string"),
        ("codecs", "PCMU,,PCMA", "SDP"),
        ("codecs", "PC MU", "SDP"),
        ("transport", "sctp", "'udp', 'tcp' or 'tls'"),
        ("enabled", "perhaps", "boolean"),
        ("tags.1", ["a", ""], "1 character"),
        ("tags", [str(n) for n in range(33)], "32"),
        ("probe.interval_s", {"interval_s": 0.5}, "greater than or equal to 1"),
        ("probe.timeout_s", {"timeout_s": 1e9}, "60"),
        ("probe.fall", {"fall": 1.5}, "integer"),
        ("probe.fal", {"fal": 2}, "did you mean fall?"),
        ("hostnme", "a.com", "did you mean hostname?"),
        ("id", "x", "read-only"),
        ("health_status", "healthy", "read-only"),
        ("metadata", {}, "read-only"),
        ("tm_create", "now", "read-only"),
        ("revision", 4, "read-only"),
    ],
)
async def test_each_field_has_its_rule_and_its_message(
    daemon: RunningDaemon, field: str, value: object, says: str
) -> None:
    found = await refused(daemon, **{field.partition(".")[0]: value})
    assert list(found) == [field]
    assert says in found[field]


async def test_every_wrong_field_is_named_at_once(daemon: RunningDaemon) -> None:
    found = await refused(daemon, name="", hostname="a b", tech_prefix="x", nme="y", id="z")
    assert set(found) == {"name", "hostname", "tech_prefix", "nme", "id"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"[]",
        b"7",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"name": "\\ud800", "hostname": "a.com"}',
        b'{"name": NaN, "hostname": "a.com"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        json.dumps({"name": LONG * 150, "hostname": "a.com"}).encode(),
        json.dumps({f"key{n}": n for n in range(20_000)}).encode(),
        b'{"probe": {"interval_s": 1' + b"0" * 10_000 + b"}}",
    ],
    ids=lambda body: repr(body[:12]) + str(len(body)),
)
async def test_bodies_that_are_no_provider(daemon: RunningDaemon, body: bytes) -> None:
    answer = await daemon.http.post(
        "/v1.0/providers", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    error = ErrorEnvelope.model_validate_json(answer.content).error
    assert error.details or error.reason == "BODY_UNREADABLE"
    assert len(answer.content) < 20_000
    assert (await daemon.client.providers()).result == []


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_1_mib_is_refused(daemon: RunningDaemon, chunked: bool) -> None:
    async def parts() -> Any:
        for _ in range(40):
            yield b" " * 65536

    body: Any = parts() if chunked else b" " * (1024 * 1024 + 1)
    answer = await daemon.http.post("/v1.0/providers", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["reason"] == "BODY_TOO_LARGE"


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "application/x-www-form-urlencoded", "application/json; charset=utf-8"],
)
async def test_the_content_type_of_curl_is_as_good_as_json(
    own_daemon: RunningDaemon, content_type: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await own_daemon.http.post("/v1.0/providers", content=json.dumps(BODY).encode(), headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "code", "says"),
    [
        ("GET", "/", 404, "openapi.json"),
        ("GET", "/v1.0/provider", 404, "openapi.json"),
        ("GET", "/v1.0/providers/", 404, "openapi.json"),
        ("GET", "/v1.0/providers/../../etc/passwd", 404, "openapi.json"),
        ("DELETE", "/v1.0/providers", 400, "use GET"),
        ("POST", "/v1.0/status", 400, "use GET"),
        ("GET", "/v1.0/providers/not-a-uuid", 400, "UUID"),
        ("GET", "/v1.0/providers/%00", 400, "UUID"),
        ("DELETE", "/v1.0/providers/123", 400, "UUID"),
        ("GET", "/v1.0/providers/00000000-0000-4000-8000-000000000000", 404, "no provider"),
        ("POST", "/v1.0/providers/00000000-0000-4000-8000-000000000000/check", 404, "no provider"),
        ("GET", "/v1.0/providers?page_size=0", 400, "page_size"),
        ("GET", "/v1.0/providers?page_size=1001", 400, "page_size"),
        ("GET", "/v1.0/providers?page_size=many", 400, "page_size"),
        ("GET", "/v1.0/providers?page_token=rubbish", 400, "page_token"),
        ("GET", "/v1.0/providers?page_token=%F0%9F%92%A9", 400, "page_token"),
        ("GET", "/v1.0/providers?page_token=" + "QUFB" * 100, 400, "page_token"),
        ("GET", "/v1.0/providers?page_token=2026-13-01%2000:00:00.000000", 400, "page_token"),
        ("GET", "/v1.0/providers?health_status=ill", 400, "health_status"),
        ("GET", "/v1.0/providers?enabled=maybe", 400, "enabled"),
        ("GET", "/v1.0/events?types=nonsense", 400, "health.changed"),
        ("GET", "/v1.0/events/log?page_token=QUJD", 400, "page_token"),
    ],
)
async def test_paths_and_queries(daemon: RunningDaemon, method: str, path: str, code: int, says: str) -> None:
    answer = await daemon.http.request(method, path)
    assert answer.status_code == code
    error = ErrorEnvelope.model_validate_json(answer.content).error
    assert says in error.message
    assert answer.headers["x-request-id"] == error.request_id


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("alerts/rules/slow", {"above": 1}, "metric is missing: add it"),
        ("alerts/channels/ops", {"kind": "webhook", "min_severity": "loud"}, None),
        (f"providers/{NOBODY}/sip-login", {}, "username, password are missing: add them"),
        (f"providers/{NOBODY}/carrier/credentials", {}, "credentials is missing: add it"),
        (f"providers/{NOBODY}", {"name": "a", "hostname": "a.example"}, "use PATCH to change some"),
        (f"routes/{NOBODY}", {"name": "a"}, "use PATCH to change some"),
    ],
)
async def test_a_put_with_a_field_missing_names_patch_only_where_there_is_one(
    daemon: RunningDaemon, path: str, body: dict[str, Any], says: str | None
) -> None:
    answer = await daemon.http.put(f"/v1.0/{path}", json=body)
    message = ErrorEnvelope.model_validate_json(answer.content).error.message
    assert answer.status_code == 400
    if says is None:
        assert "PATCH" not in message
    else:
        assert message.endswith(says)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1.0/providers/x", ["GET", "PUT", "PATCH", "DELETE"]),
        ("DELETE", "/v1.0/routes", ["GET", "POST"]),
        ("PATCH", "/v1.0/alerts/rules/slow", ["GET", "PUT", "DELETE"]),
        ("PUT", "/version", ["GET"]),
        ("OPTIONS", "/v1.0/providers/x/check", ["POST"]),
    ],
)
async def test_a_method_that_a_path_does_not_take_is_answered_with_all_that_it_takes(
    daemon: RunningDaemon, method: str, path: str, allowed: list[str]
) -> None:
    answer = await daemon.http.request(method, path)
    error = ErrorEnvelope.model_validate_json(answer.content).error
    assert (answer.status_code, error.reason) == (400, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == ", ".join(allowed)
    assert error.message == f"{path} does not take {method}: use {' or '.join(allowed)}"


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"If-Match": "revision one"}, "If-Match"),
        ({"If-Match": '"1'}, "If-Match"),
        ({"If-Match": ""}, "If-Match"),
    ],
)
async def test_an_if_match_that_is_no_etag(
    own_daemon: RunningDaemon, headers: dict[str, str], field: str
) -> None:
    created = await post(own_daemon)
    answer = await own_daemon.http.patch(
        f"/v1.0/providers/{created['id']}", json={"detail": "x"}, headers=headers
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["field"] == field


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_an_idempotency_key_has_bounds(daemon: RunningDaemon, key: str) -> None:
    answer = await daemon.http.post("/v1.0/providers", json=BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 400


async def test_a_request_id_is_kept_and_a_bad_one_replaced(daemon: RunningDaemon) -> None:
    kept = await daemon.http.get("/version", headers={"X-Request-Id": "my-id-1"})
    assert kept.headers["x-request-id"] == "my-id-1"
    for bad in ("has space", "x" * 129):
        replaced = await daemon.http.get("/nope", headers={"X-Request-Id": bad})
        assert replaced.headers["x-request-id"] not in ("", bad)
        assert replaced.json()["error"]["request_id"] == replaced.headers["x-request-id"]


async def test_a_web_page_is_refused(daemon: RunningDaemon) -> None:
    answer = await daemon.http.get("/v1.0/providers", headers={"Origin": "http://localhost"})
    assert answer.status_code == 403
    assert answer.json()["error"]["reason"] == "ORIGIN_REFUSED"


async def test_what_is_not_http_gets_the_envelope_too(daemon: RunningDaemon) -> None:
    reader, writer = await asyncio.open_unix_connection(daemon.socket)
    writer.write(b"OPTIONS sip:provd SIP/2.0\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert ErrorEnvelope.model_validate_json(body).error.reason == "NOT_HTTP"


async def test_half_a_request_keeps_nobody_waiting(daemon: RunningDaemon) -> None:
    _, writer = await asyncio.open_unix_connection(daemon.socket)
    writer.write(b"POST /v1.0/providers HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    assert (await daemon.http.get("/version")).status_code == 200
    writer.close()
    assert (await daemon.http.get("/version")).status_code == 200


async def test_five_hundred_clients_at_once_are_all_answered(own_daemon: RunningDaemon) -> None:
    async def ask(number: int) -> int:
        reader, writer = await asyncio.open_unix_connection(own_daemon.socket)
        body = json.dumps(BODY | {"name": f"client {number}", "probe": {"enabled": False}}).encode()
        head = f"POST /v1.0/providers HTTP/1.1\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
        return int(answer.split()[1])

    codes = await asyncio.gather(*(ask(number) for number in range(500)))
    assert set(codes) == {200}
    assert len(await own_daemon.client.all_providers()) == 500


async def test_a_request_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PeerProtocol, "request_timeout_s", 0.2)
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        for beginning in (
            b"",
            b"GET /version HT",
            b"POST /v1.0/providers HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
        ):
            reader, writer = await asyncio.open_unix_connection(daemon.socket)
            writer.write(beginning)
            async with asyncio.timeout(20):
                assert await reader.read() == b""
            writer.close()
        assert (await daemon.http.get("/version")).status_code == 200


async def test_an_answer_that_nobody_takes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PeerProtocol, "answer_timeout_s", 0.2)
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        for number in range(200):
            await daemon.add("192.0.2.1", f"n{number}", detail="x" * 4000, probe={"enabled": False})
        whole = len((await daemon.http.get("/v1.0/providers?page_size=1000")).content)
        before = connections(daemon)
        reader, writer = await asyncio.open_unix_connection(daemon.socket, limit=1024)
        writer.write(b"GET /v1.0/providers?page_size=1000 HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"200 OK")
        assert connections(daemon) == before + 1

        async def left() -> int:
            return connections(daemon)

        await eventually(left, lambda count: count == before)
        assert len(await reader.read()) < whole
        writer.close()


async def test_a_reader_of_events_who_stops_for_long_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PeerProtocol, "answer_timeout_s", 0.05)
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        added = await daemon.add("192.0.2.1", probe={"enabled": False}, detail="x" * 4000)
        reader, writer = await asyncio.open_unix_connection(daemon.socket, limit=1024)
        writer.write(b"GET /v1.0/events HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"event: hello")
        for number in range(150):
            await daemon.client.patch_provider(added.id, {"tech_prefix": str(number)})
        read = b""
        while b'"tech_prefix":"149"' not in read:
            read = read[-4096:] + await reader.read(4096)
        writer.close()


def connections(daemon: RunningDaemon) -> int:
    """How many the daemon has taken and not closed."""
    sockets = Path("/proc/net/unix").read_text().splitlines()
    return sum(" 03 " in each and each.endswith(f" {daemon.socket}") for each in sockets)
