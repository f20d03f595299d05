"""What ``provtui`` does without a terminal: the health table, once, as text."""

import asyncio
import time

from provd.client import Client
from provd.schema.provider import Provider

FIRST_ROUND_WITHIN_S = 60.0
_ASK_EVERY_S = 0.2
_COLUMNS = ("NAME", "HOSTNAME", "HEALTH", "CAUSE", "CODE", "RTT", "WHY")


async def first_round(client: Client) -> list[Provider]:
    """Wait until every provider that is checked at all was checked; then answer them all.

    After FIRST_ROUND_WITHIN_S it answers what there is.
    """
    until = time.monotonic() + FIRST_ROUND_WITHIN_S
    while True:
        providers = await client.all_providers()
        if all(provider.health_checked_at is not None or not provider.enabled for provider in providers):
            return providers
        if time.monotonic() > until:
            return providers
        await asyncio.sleep(_ASK_EVERY_S)


def health_table(providers: list[Provider]) -> str:
    """The providers as lines of text, oldest first."""
    rows = [_COLUMNS, *(_row(provider) for provider in reversed(providers))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    )


def _row(provider: Provider) -> tuple[str, ...]:
    health = provider.health
    return (
        provider.name,
        provider.hostname,
        provider.health_status.value,
        health.cause.value if health.cause else "-",
        str(health.code) if health.code else "-",
        f"{health.rtt_ms:.0f} ms" if health.rtt_ms is not None else "-",
        health.explanation,
    )
