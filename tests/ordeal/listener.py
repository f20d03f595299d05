"""A client that follows every event over any number of the daemon's lives."""

import sqlite3

from provd.client import Client, DaemonUnavailable
from provd.client.stream import ANNOUNCED
from provd.schema.events import EventType, HealthChanged, Resync

_WRITTEN = 'SELECT 1 FROM "transition" WHERE (provider_id, at, previous, status) = (?, ?, ?, ?)'


class Listener:
    """Hears events from the first on; ``last_seq`` is the number of the latest that it heard."""

    def __init__(self) -> None:
        self.last_seq = 0
        self.changes = 0
        self._unproven: list[tuple[int, EventType, object]] = []

    async def listen(self, client: Client) -> None:
        """Follow the stream from where it broke off, until the daemon is gone. No number is left out."""
        try:
            async with client.events(last_seq=self.last_seq) as stream:
                async for event in stream:
                    assert not isinstance(event.data, Resync)
                    if event.seq is not None:
                        assert event.seq == self.last_seq + 1
                        self.last_seq = event.seq
                        self._unproven.append((event.seq, event.type, event.data))
        except DaemonUnavailable:
            return

    def prove(self, store: sqlite3.Connection) -> None:
        """Find what was heard in the store: every event word by word, every change of health as a
        transition too."""
        for seq, kind, data in self._unproven:
            (written_kind, text) = store.execute(
                "SELECT type, data FROM event WHERE seq = ?", (seq,)
            ).fetchone()
            assert written_kind == kind
            assert ANNOUNCED[kind].model_validate_json(text) == data
            if isinstance(data, HealthChanged):
                self.changes += 1
                transition = (data.provider_id, data.at, data.previous.value, data.status.value)
                assert store.execute(_WRITTEN, transition).fetchone(), transition
        self._unproven.clear()
