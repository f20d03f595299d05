"""provd answers too: the requests that peers send to its own SIP sockets."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from provd.schema.provider import Transport
from provd.sip.message import Response
from provd.sip.parser import parse_message
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.ports import free_port
from tests.unit.probe.stream.peers import Visit, running_peer

from .peers import HOST
from .test_checks import is_healthy


@pytest.fixture
def caller() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind((HOST, 0))
        made.setblocking(False)
        yield made


def request(
    method: str = "OPTIONS",
    uri: str = "sip:provd@127.0.0.1",
    *more: str,
    via: str = "UDP 192.0.2.9:5999;rport",
) -> bytes:
    lines = (
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/{via};branch=z9hG4bKpeer1",
        "Max-Forwards: 70",
        "From: <sip:carrier@example.com>;tag=c1",
        "To: <sip:provd@127.0.0.1>",
        "Call-ID: peer-1@example.com",
        f"CSeq: 7 {method}",
        *more,
        "Content-Length: 0",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


async def ask(caller: socket.socket, port: int, data: bytes) -> Response:
    caller.sendto(data, (HOST, port))
    async with asyncio.timeout(20):
        answer = parse_message(await asyncio.get_running_loop().sock_recv(caller, 65535))
    assert isinstance(answer, Response)
    return answer


async def test_options_is_answered_as_the_rfc_wants_it(caller: socket.socket) -> None:
    port = free_port()
    async with (
        temporary_folder() as folder,
        running_daemon(folder, probe={"bind": f"{HOST}:{port}", "user_agent": "Example SBC"}) as daemon,
    ):
        answer = await ask(caller, port, request())
        again = await ask(caller, port, request())
        status = await daemon.client.status()
    assert (answer.code, answer.reason) == (200, "OK")
    assert answer.headers.get("Allow") == "OPTIONS"
    assert answer.headers.get("Accept") == "application/sdp"
    assert answer.headers.get("Server") == "Example SBC"
    assert (answer.call_id, answer.cseq.number, answer.cseq.method) == ("peer-1@example.com", 7, "OPTIONS")
    assert answer.to.tag
    assert again == answer  # RFC 3261 section 8.2.7: the same tag for a retransmission
    via = answer.top_via
    assert (via.params.get("received"), via.params.get("rport")) == (HOST, str(caller.getsockname()[1]))
    assert (status.monitor.requests_answered_total, status.monitor.strays_total) == (2, 0)


REFUSED = {
    "INVITE": (request("INVITE"), 405),
    "REGISTER": (request("REGISTER"), 405),
    "MESSAGE": (request("MESSAGE"), 405),
    "BYE": (request("BYE"), 481),
    "CANCEL": (request("CANCEL"), 481),
    "a tel URI": (request("OPTIONS", "tel:+15551234"), 416),
    "an extension": (request("OPTIONS", "sip:provd@127.0.0.1", "Require: 100rel"), 420),
    "in a dialog": (request().replace(b"To: <sip:provd@127.0.0.1>", b"To: <sip:provd@127.0.0.1>;tag=x"), 481),
}


async def test_everything_else_is_refused_with_the_right_code(caller: socket.socket) -> None:
    port = free_port()
    async with temporary_folder() as folder, running_daemon(folder, probe={"bind": f"{HOST}:{port}"}):
        answers = {name: await ask(caller, port, data) for name, (data, _) in REFUSED.items()}
    assert {name: answer.code for name, answer in answers.items()} == {
        name: code for name, (_, code) in REFUSED.items()
    }
    assert answers["INVITE"].headers.get("Allow") == "OPTIONS"
    assert answers["an extension"].headers.get("Unsupported") == "100rel"


async def test_an_ack_and_what_is_no_sip_get_no_answer(caller: socket.socket) -> None:
    port = free_port()
    async with (
        temporary_folder() as folder,
        running_daemon(folder, probe={"bind": f"{HOST}:{port}"}) as daemon,
    ):
        for data in (
            request("ACK"),
            b"GET / HTTP/1.1\r\n\r\n",
            b"OPTIONS sip:x SIP/2.0\r\n\r\n",
            b"\r\n\r\n",
            b"",
        ):
            caller.sendto(data, (HOST, port))
        answer = await ask(caller, port, request())  # the first answer is to the last request
        status = await daemon.client.status()
    assert answer.code == 200
    assert status.monitor.requests_answered_total == 1


async def test_a_peer_may_ask_on_the_connection_that_we_opened(daemon: RunningDaemon) -> None:
    answers: list[Response] = []

    async def nosy(visit: Visit) -> None:
        while True:
            asked = await visit.request()
            for method in ("OPTIONS", "INVITE"):
                await visit.send(request(method, via="TCP 192.0.2.9:5999"))
                answer = await visit.message()
                assert isinstance(answer, Response)
                answers.append(answer)
            await visit.answer(asked)

    async def curious(visit: Visit) -> None:
        with suppress(EOFError):
            await nosy(visit)

    async with running_peer(curious) as peer:
        added = await daemon.add(f"{peer.address[0]}:{peer.address[1]}", transport=Transport.TCP)
        found = await daemon.until(added.id, is_healthy)
        status = await eventually(
            daemon.client.status, lambda status: status.monitor.requests_answered_total >= 2
        )
    assert [answer.code for answer in answers[:2]] == [200, 405]
    assert answers[0].headers.get("Allow") == "OPTIONS"
    assert answers[0].headers.get("Accept") == "application/sdp"
    assert (found.health.code, status.monitor.strays_total) == (200, 0)
