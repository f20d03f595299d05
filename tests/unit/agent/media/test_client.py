"""pyVoIP's RTP as we use it: its faults corrected, what comes in counted, hostile packets dropped."""

import audioop
import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyVoIP.RTP import PayloadType, RTPClient, RTPParseError, TransmitType

from provd.agent.media.client import SoundClient
from provd.agent.media.tone import tone
from tests.fakes.daemon import eventually

TONE = audioop.lin2ulaw(audioop.bias(tone(1)[:160], 1, -128), 1)


@pytest.fixture
def client() -> Iterator[SoundClient]:
    made = SoundClient("127.0.0.1", 2)
    yield made
    made.stop()


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(5)
        yield made


async def answer(value: int) -> int:
    return value


def packet(number: int, payload: bytes = TONE, kind: int = 0, marker: int = 0, first: int = 0x80) -> bytes:
    return struct.pack(">BBHII", first, marker | kind, number & 0xFFFF, number * 160, 77) + payload


def speak(client: SoundClient, peer: socket.socket, payload: int = 0, events: int | None = None) -> None:
    client.speak_to("127.0.0.1", peer.getsockname()[1], payload, events, muted=False)


def read(peer: socket.socket, count: int) -> list[tuple[int, int, int, bytes]]:
    """The payload type with the marker, the number, the timestamp and the payload of packets."""
    found = []
    for _ in range(count):
        data = peer.recv(2048)
        _, kind, number, timestamp, _ = struct.unpack_from(">BBHII", data)
        found.append((kind, number, timestamp, data[12:]))
    return found


def test_pyvoip_itself_sends_pcma_as_mu_law() -> None:
    """What is corrected: should this fail, the correction is not needed any more."""
    itself = RTPClient({8: PayloadType.PCMA}, "127.0.0.1", 0, "127.0.0.1", 9, TransmitType.SENDRECV)
    assert itself.encode_packet(tone(1)[:160]) == TONE


def test_each_codec_has_its_own_law(client: SoundClient) -> None:
    sound = tone(1)[:160]
    assert client.encode_packet(sound) == TONE
    client.preference = PayloadType.PCMA
    assert client.encode_packet(sound) == audioop.lin2alaw(audioop.bias(sound, 1, -128), 1)


def test_a_packets_number_and_timestamp_stay_within_their_bits(
    client: SoundClient, peer: socket.socket
) -> None:
    client.outSequence, client.outTimestamp = 65534, 2**32 - 320
    speak(client, peer)
    sent = read(peer, 4)
    assert [each[1] for each in sent] == [65534, 65535, 0, 1]
    assert [each[2] for each in sent] == [2**32 - 320, 2**32 - 160, 0, 160]
    assert {len(each[3]) for each in sent} == {160}


def test_a_tone_goes_out(client: SoundClient, peer: socket.socket) -> None:
    speak(client, peer, payload=8)
    kind, _, _, payload = read(peer, 5)[-1]
    assert kind == 8
    assert audioop.rms(audioop.alaw2lin(payload, 2), 2) > 3000


async def test_what_is_muted_is_not_sent(client: SoundClient, peer: socket.socket) -> None:
    client.speak_to("127.0.0.1", peer.getsockname()[1], 0, None, muted=True)
    before = client.outSequence
    await eventually(lambda: answer(client.outSequence), lambda number: number > before + 3)
    assert client.result().sent == 0


def test_digits_are_sent_as_events_that_interrupt_the_sound(client: SoundClient, peer: socket.socket) -> None:
    client.digits.send("5x#")
    speak(client, peer, events=101)
    sent = read(peer, 24)
    events = [each for each in sent if each[0] & 0x7F == 101]
    assert [each[0] for each in events] == [0x80 | 101, *[101] * 7] * 2
    assert [each[1] for each in sent] == list(range(sent[0][1], sent[0][1] + 24))
    first, second = events[:8], events[8:]
    assert len({each[2] for each in first}) == 1
    assert [struct.unpack(">BBH", each[3]) for each in first] == [
        *((5, 10, 160 * number) for number in range(1, 6)),
        *[(5, 0x80 | 10, 960)] * 3,
    ]
    assert {each[3][0] for each in second} == {11}
    assert client.result().digits_sent == "5#"


async def test_what_comes_in_is_counted_and_listened_to(client: SoundClient, peer: socket.socket) -> None:
    client.start()
    speak(client, peer)
    for number in range(10):
        peer.sendto(packet(number), ("127.0.0.1", client.inPort))
    await eventually(lambda: answer(client.result().received), lambda count: count == 10)
    heard = client.result()
    assert (heard.loss_pct, heard.audio) == (0.0, "sound")
    assert heard.first_packet_ms is not None


async def test_quiet_packets_are_silence(client: SoundClient, peer: socket.socket) -> None:
    client.start()
    for number in range(10):
        peer.sendto(packet(number, b"\xff" * 160), ("127.0.0.1", client.inPort))
    await eventually(lambda: answer(client.result().received), lambda count: count == 10)
    assert client.result().audio == "silence"


def test_nothing_is_none(client: SoundClient) -> None:
    heard = client.result()
    assert (heard.audio, heard.received, heard.first_packet_ms) == ("none", 0, None)


def test_events_are_heard_once_each_even_if_the_first_packet_is_lost(client: SoundClient) -> None:
    client.assoc[96] = PayloadType.EVENT
    client._arrived_at = 0.0
    for number, (key, timestamp) in enumerate(
        [(1, 0), (1, 0), (2, 800), (11, 1600), (11, 1600), (200, 2400)]
    ):
        header = struct.pack(">BBHII", 0x80, 96, number, timestamp, 77)
        client.parse_packet(header + struct.pack(">BBH", key, 10, 160))
    assert client.result().digits_heard == "12#"


def test_header_extensions_and_padding_are_no_sound(client: SoundClient) -> None:
    client._arrived_at = 0.0
    quiet = b"\xff" * 160
    for number in range(5):
        extension = struct.pack(">HH", 0xBEDE, 2) + b"\x00" * 8
        client.parse_packet(packet(number, extension + quiet + b"\x00" * 3 + b"\x04", first=0xB0))
    assert client.result().audio == "silence"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=60), st.integers(0, 255), st.integers(0, 255))
def test_any_datagram_is_counted_or_refused(client: SoundClient, noise: bytes, first: int, kind: int) -> None:
    client.assoc[96] = PayloadType.EVENT
    client._arrived_at = 0.0
    for data in (noise, bytes([first, kind]) + noise):
        try:
            client.parse_packet(data)
        except RTPParseError:
            continue
    assert client.result().loss_pct <= 100
