"""The SIP of a check as text for people: ``>`` before what was sent, ``<`` before what was received."""

from provd.cli.figures import ms
from provd.cli.output import printable
from provd.schema.trace import TracedExchange


def exchange_text(exchange: TracedExchange) -> str:
    """One exchange: a line about it, then the messages as they were; nothing a terminal would obey."""
    result = exchange.cause.value if exchange.code is None else f"{exchange.cause.value} {exchange.code}"
    head = [
        exchange.at,
        f"{exchange.transport.value}:{exchange.target}" if exchange.target else "no address",
        result,
        ms(exchange.rtt_ms),
    ]
    if exchange.retransmits:
        head.append(f"sent {exchange.retransmits + 1} times")
    return "\n".join(
        [
            "  ".join(map(printable, head)),
            *_message(">", exchange.sent, "nothing was sent"),
            *_message("<", exchange.received, "nothing was received"),
        ]
    )


def _message(mark: str, text: str, none: str) -> list[str]:
    if not text:
        return [f"{mark} ({none})"]
    lines = text.removesuffix("\n").split("\n")
    return [f"{mark} {printable(line.removesuffix(chr(13)).expandtabs())}".rstrip() for line in lines]
