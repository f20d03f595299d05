"""Which provider a call record is of, by what it calls it."""

from collections.abc import Iterable
from uuid import UUID

from provd.routing.formats.asterisk import PREFIX as ASTERISK_PREFIX
from provd.routing.formats.freeswitch import PREFIX as FREESWITCH_PREFIX
from provd.store import calls as stored
from provd.store.calls import KnownProvider
from provd.store.engine import Store

_PREFIXES = (ASTERISK_PREFIX, FREESWITCH_PREFIX)
_MOST = 10_000


class KnownProviders:
    """Looks providers up once: by id, by name, or by the name that exports give them. For one request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[str, KnownProvider | str] = {}

    async def look_up(self, wanted: Iterable[str]) -> None:
        """Find those that are not known yet. Raises StoreError."""
        if len(self._found) > _MOST:
            self._found.clear()
        new = {each for each in wanted if each not in self._found}
        if not new:
            return
        ids = {each: _id(each) for each in new}
        found = await self._store.read(
            stored.providers_named, {each for each in ids.values() if each}, set(new)
        )
        by_id = {each.id: each for each in found}
        by_name: dict[str, list[KnownProvider]] = {}
        for provider in by_id.values():
            by_name.setdefault(provider.name, []).append(provider)
        for each in new:
            self._found[each] = by_id.get(ids[each]) or _named(each, by_name.get(each, []))

    def get(self, wanted: str) -> KnownProvider | str:
        """The provider, after ``look_up``; or why there is none, in words."""
        return self._found[wanted]


def _id(wanted: str) -> str:
    for prefix in _PREFIXES:
        wanted = wanted.removeprefix(prefix)
    try:
        return str(UUID(wanted))
    except ValueError:
        return ""


def _named(wanted: str, fitting: list[KnownProvider]) -> KnownProvider | str:
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        return f"provider {wanted[:64]!r} is not known: give the id or the name of one that there is"
    return f"provider {wanted[:64]!r} fits {len(fitting)} providers: give the id"
