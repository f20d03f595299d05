"""Carrying verdicts over to a Kamailio, once or for as long as somebody wants."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from provd.cli.kamailio.rpc import Rpc, RpcError
from provd.client import Client
from provd.routing.dispatcher_states import Compared, compare, destinations, missing
from provd.schema.events import EventType

SETTLE_S = 0.2
"""What happens within this time is carried over together."""

AGAIN_AFTER_S = 30.0
"""Kamailio is looked at this often, even when nothing happens here: it may have been restarted."""

_UPLINK = "everything fails at once, so this machine's own network is suspect: Kamailio was left as it is"
_TELLING = (
    EventType.HEALTH_CHANGED,
    EventType.PROVIDER_CREATED,
    EventType.PROVIDER_UPDATED,
    EventType.PROVIDER_DELETED,
    EventType.PROVIDER_MAINTENANCE,
    EventType.PROVIDERS_IMPORTED,
    EventType.DAEMON_UPLINK_RESTORED,
)

Outcome = tuple[list[Compared], list[str]]
"""Every destination as it was before, and the names of providers that none is for."""


async def carry_over(client: Client, rpc: Rpc, *, dry_run: bool) -> Outcome:
    """Set the states that differ. Raises RpcError, also while the uplink is suspect: then nothing is set."""
    providers = {each.id: each for each in await client.all_providers()}
    try:
        found = list(destinations(await asyncio.to_thread(rpc.call, "dispatcher.list")))
    except ValueError as error:
        raise RpcError(f"Kamailio {error}") from None
    compared = compare(found, providers)
    if not dry_run:
        changes = [(each.destination, each.wanted) for each in compared if each.differs and each.wanted]
        if changes and (await client.status()).monitor.uplink_suspect:
            raise RpcError(_UPLINK)
        for there, wanted in changes:
            flags = there.flags_for(wanted).lower()
            await asyncio.to_thread(rpc.call, "dispatcher.set_duid_state", flags, there.set_id, there.duid)
    return compared, missing(found, providers)


async def follow(
    client: Client,
    open_kamailio: Callable[[], Rpc],
    on_outcome: Callable[[Outcome], None],
    on_failure: Callable[[str], None],
) -> None:
    """Carry over now, and again as health changes, until the daemon's events end.

    What fails at Kamailio is told once to ``on_failure``, and tried again. Raises what the client raises.
    """
    happened = asyncio.Event()
    listening = asyncio.create_task(_listen(client, happened))
    failing = ""
    try:
        while not listening.done():
            happened.clear()
            try:
                on_outcome(await carry_over(client, open_kamailio(), dry_run=False))
                failing = ""
            except RpcError as error:
                if str(error) != failing:
                    on_failure(str(error))
                failing = str(error)
            waiting = asyncio.create_task(happened.wait())
            await asyncio.wait((waiting, listening), timeout=AGAIN_AFTER_S, return_when="FIRST_COMPLETED")
            waiting.cancel()
            await asyncio.sleep(SETTLE_S)
        await listening
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


async def _listen(client: Client, happened: asyncio.Event) -> None:
    async with client.events(types=_TELLING) as stream:
        async for _ in stream:
            happened.set()
