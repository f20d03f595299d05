"""Stands in for a daemon with many providers, where the terminal UI is measured: it costs next to nothing.

``python -m bench.stand_in SOCKET COUNT [--quiet]`` answers the calls that the UI makes by itself with what it
has written beforehand, and tells every stream of as many checks each second as ``COUNT`` providers make. One
provider fails and one recovers every few seconds; with ``--quiet`` none does. The first providers, called
``quiet``, are never checked. It prints a line when it can be asked.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from provd.schema.health import Cause, HealthStatus, HealthSummary
from provd.schema.provider import Provider
from provd.schema.status import (
    Caller,
    EventsStatus,
    HealthCounts,
    MonitorStatus,
    RedirectStatus,
    Role,
    Status,
    StoreStatus,
)
from provd.schema.timestamps import to_timestamp

INTERVAL_S, SAMPLES_EVERY_S, CHANGES_EVERY_S = 30, 0.25, 5.0
QUIET, DOWN_OF = 100, 100  # providers that are never checked; one in so many is down
_PAGE = 1000
_DAYS = 86400.0


def main() -> None:
    """Serve until terminated."""
    socket, count, *quiet = sys.argv[1:]
    asyncio.run(_StandIn(int(count), changing=not quiet).serve(Path(socket)))


class _StandIn:
    def __init__(self, count: int, *, changing: bool) -> None:
        self._random = random.Random(1)
        self._count, self._changing = count, changing
        self._down = {n for n in range(QUIET, count) if n % DOWN_OF == 0}
        now = time.time()
        records = [self._provider(n, now).model_dump_json() for n in range(count)]
        self._pages = [
            f'{{"result":[{",".join(records[at : at + _PAGE])}],'
            f'"next_page_token":"{at + _PAGE if at + _PAGE < count else ""}"}}'.encode()
            for at in range(0, count, _PAGE)
        ]

    async def serve(self, socket: Path) -> None:
        server = await asyncio.start_unix_server(self._answer, socket)
        print("ready", flush=True)
        async with server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked = urlsplit(head.split()[1].decode())
                if asked.path == "/v1.0/events":
                    await self._stream(writer)
                body = self._body(asked.path, parse_qs(asked.query))
                status = b"200 OK" if body else b"404 Not Found"
                lines = (b"HTTP/1.1 " + status, b"Content-Type: application/json", b"Content-Length: %d")
                writer.write(b"\r\n".join([*lines, b"", b""]) % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _body(self, path: str, query: dict[str, list[str]]) -> bytes:
        match path:
            case "/v1.0/providers":
                return self._pages[int(query.get("page_token", ["0"])[0] or 0) // _PAGE]
            case "/v1.0/status":
                return self._status().model_dump_json().encode()
            case "/v1.0/setups":
                return b'{"result":[],"next_page_token":""}'
            case _:
                return b""

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        _tell(writer, "hello", {"seq": 0, "version": "0.1.0"})
        checked = itertools.cycle(range(QUIET, self._count))
        at_once = int(self._count / INTERVAL_S * SAMPLES_EVERY_S)
        next_change = time.monotonic() + CHANGES_EVERY_S
        while True:
            await asyncio.sleep(SAMPLES_EVERY_S)
            now = to_timestamp(time.time())
            _tell(
                writer,
                "health.sample",
                {"samples": [self._sample(next(checked), now) for _ in range(at_once)]},
            )
            if self._changing and time.monotonic() > next_change:
                next_change += CHANGES_EVERY_S
                recovers, fails = (
                    self._random.choice(sorted(self._down)),
                    self._random.randrange(QUIET, self._count),
                )
                self._down = self._down - {recovers} | {fails}
                for number in (recovers, fails):
                    _tell(writer, "health.changed", self._change(number, now))
            await writer.drain()

    def _sample(self, number: int, now: str) -> dict[str, object]:
        down = number in self._down
        return {
            "provider_id": _id(number),
            "at": now,
            "status": "unhealthy" if down else "healthy",
            "cause": "timeout" if down else "ok",
            "code": None if down else 200,
            "rtt_ms": None if down else self._rtt_ms(number),
        }

    def _change(self, number: int, now: str) -> dict[str, object]:
        down = number in self._down
        return self._sample(number, now) | {
            "name": f"trunk {number}",
            "previous": "healthy" if down else "unhealthy",
            "explanation": "No answer to OPTIONS within 8 s." if down else "It answers again.",
        }

    def _rtt_ms(self, number: int) -> float:
        return round(20 + number % 97 + self._random.gauss(0, 1.5), 1)

    def _provider(self, number: int, now: float) -> Provider:
        down, quiet = number in self._down, number < QUIET
        recent: list[float | None] = [None if down else self._rtt_ms(number) for _ in range(30)]
        return Provider(
            id=_id(number),
            name=f"{'quiet' if quiet else 'trunk'} {number:05d}",
            hostname=f"sip{number}.carrier.example",
            carrier=f"carrier {number % 20}",
            health_status=HealthStatus.UNHEALTHY if down else HealthStatus.HEALTHY,
            health_checked_at=to_timestamp(now - (300 * _DAYS if quiet else number % INTERVAL_S)),
            tm_create=to_timestamp(now - 400 * _DAYS),
            tm_update=to_timestamp(now - 400 * _DAYS),
            health=HealthSummary(
                cause=Cause.TIMEOUT if down else Cause.OK,
                code=None if down else 200,
                reason=None if down else "OK",
                explanation="No answer to OPTIONS within 8 s." if down else "It answers OPTIONS with 200 OK.",
                rtt_ms=recent[-1],
                loss_pct=100.0 if down else 0.0,
                availability_24h_pct=97.9 if down else 100.0,
                since=to_timestamp(now - 200 * _DAYS - 60.0 * number),
                targets_up=0 if down else 1,
                targets_total=1,
                recent=recent,
            ),
        )

    def _status(self) -> Status:
        wobble = self._random.uniform(-2, 2) if self._changing else 0.0
        checks_per_s = self._count / INTERVAL_S + wobble
        return Status(
            version="0.1.0",
            started_at=to_timestamp(0),
            uptime_s=3600.0,
            loop_lag_ms=0.2,
            providers=HealthCounts(healthy=self._count - len(self._down), unhealthy=len(self._down)),
            monitor=MonitorStatus(
                targets=self._count,
                in_flight=0,
                checks_total=0,
                checks_per_s=checks_per_s,
                answers_total=0,
                retransmits_total=0,
                strays_total=0,
                send_errors_total=0,
                behind_ms=0.4,
                uplink_suspect=False,
            ),
            store=StoreStatus(backend="sqlite", writable=True, error=None, pending=0),
            redirect=RedirectStatus(),
            events=EventsStatus(seq=0, subscribers=1, resyncs_total=0),
            you=Caller(uid=0, user="bench", pid=1, role=Role.ADMIN),
        )


def _id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def _tell(writer: asyncio.StreamWriter, kind: str, data: dict[str, object]) -> None:
    message = f"event: {kind}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
    writer.write(b"%x\r\n%b\r\n" % (len(message), message))


if __name__ == "__main__":
    main()
