"""From a check's result to the SIP that went to and fro."""

from provd.probe.findings import Exchange
from provd.probe.result import ProbeResult


def exchange_of(result: ProbeResult, wall: float) -> Exchange:
    """What was sent and received in a check; ``wall`` is when it ended, in seconds since 1970."""
    target = result.target
    watch = target.watch
    sent = b""
    if result.stream is not None:
        sent = result.stream.sent
    elif result.branch is not None and target.source is not None:
        sent = target.source.template.write(watch.hostname.encode(), result.branch)
    return Exchange(
        key=watch.key,
        at=wall,
        address=target.address,
        transport=watch.settings.transport,
        cause=target.cause or result.cause,
        code=result.code,
        rtt_ms=result.rtt_ms,
        retransmits=result.retransmits,
        sent=sent,
        received=result.received,
        secret_headers=watch.settings.secret_headers,
    )
