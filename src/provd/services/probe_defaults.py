"""Other defaults for checks: given to every provider that is under watch."""

import asyncio

from provd.probe.settings import ProbeSettings
from provd.services.watching import Watching
from provd.store import providers as stored_providers
from provd.store.engine import Store

_AT_ONCE = 200


async def use_defaults(defaults: ProbeSettings, watching: Watching, store: Store) -> None:
    """Have providers checked as ``defaults`` say, where they say nothing else themselves.

    Those for which that makes a difference are checked soon. Raises StoreError, having changed nothing.
    """
    async with store.write() as transaction:  # no record is changed meanwhile
        rows = await transaction.run(lambda session: list(stored_providers.watched(session)))
        watching.settings.set_defaults(defaults)
        for number, row in enumerate(rows, 1):
            if watching.should_watch(row):
                watching.apply(row, None)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
