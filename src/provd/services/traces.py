"""Traces: the SIP of a provider's checks, redacted."""

import re
from collections.abc import Iterable, Iterator

from provd.probe.address import address_text
from provd.probe.findings import Exchange
from provd.probe.monitor import Monitor
from provd.schema.health import Cause
from provd.schema.provider import Transport
from provd.schema.timestamps import to_timestamp
from provd.schema.trace import Trace, TracedExchange
from provd.services.providers import ProviderService
from provd.services.redaction import HIDDEN
from provd.store import transitions as stored_transitions
from provd.store.engine import Store
from provd.store.tables import ProviderRow, TransitionRow

MAX_SHOWN = 50
MAX_TEXT = 16_384
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class TraceService:
    """The exchanges that are kept in memory, and those that changed a status from the store."""

    def __init__(self, providers: ProviderService, monitor: Monitor, store: Store) -> None:
        self._providers = providers
        self._monitor = monitor
        self._store = store

    async def trace(self, provider_id: str) -> Trace:
        """A provider's latest exchanges, newest first."""
        row, _ = self._providers.stored(provider_id)
        recent = [traced_exchange(each) for each in self._monitor.assessor.traces.of(row.id)]
        kept = await self._store.read(stored_transitions.newest, row.id, MAX_SHOWN)
        seen = {(each.at, each.target) for each in recent}
        older = [
            _stored_exchange(each, row)
            for each in kept
            if each.sent is not None and (each.at, each.address) not in seen
        ]
        found = sorted((*recent, *older), key=lambda each: each.at, reverse=True)
        return Trace(result=found[:MAX_SHOWN])


def traced_exchange(exchange: Exchange) -> TracedExchange:
    """An exchange fit to be shown."""
    return TracedExchange(
        provider_id=exchange.key,
        at=to_timestamp(exchange.at),
        target=None if exchange.address is None else address_text(exchange.address),
        transport=exchange.transport,
        cause=exchange.cause,
        code=exchange.code,
        rtt_ms=None if exchange.rtt_ms is None else round(exchange.rtt_ms, 3),
        retransmits=exchange.retransmits,
        sent=_shown(exchange.sent, exchange.secret_headers),
        received=_shown(exchange.received, exchange.secret_headers),
    )


def _stored_exchange(transition: TransitionRow, row: ProviderRow) -> TracedExchange:
    return TracedExchange(
        provider_id=row.id,
        at=transition.at,
        target=transition.address,
        transport=Transport(row.transport),
        cause=Cause(transition.cause or Cause.LOCAL),
        code=transition.code,
        rtt_ms=None if transition.rtt_ms is None else round(transition.rtt_ms, 3),
        sent=transition.sent or "",
        received=transition.received or "",
    )


def _shown(data: bytes, secret_headers: frozenset[str]) -> str:
    text = data[:MAX_TEXT].decode("utf-8", "backslashreplace")
    text = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    if not secret_headers:
        return text
    return "\n".join(_redacted(text.split("\n"), secret_headers))


def _redacted(lines: Iterable[str], secret_headers: frozenset[str]) -> Iterator[str]:
    hidden = False
    for line in lines:
        if hidden and line.startswith((" ", "\t")):  # the value goes on (RFC 3261 section 7.3.1)
            continue
        name, colon, _ = line.partition(":")
        hidden = bool(colon) and name.strip().lower() in secret_headers
        yield f"{name}: {HIDDEN}" + ("\r" if line.endswith("\r") else "") if hidden else line
