"""Into the daemon's own log, at a level that fits."""

import logging

from provd.notify.base import Note

log = logging.getLogger("provd.alerts")

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.CRITICAL}


class JournalSender:
    """Writes a line into the log; where that goes is the log's affair."""

    async def send(self, note: Note) -> None:
        """Never fails."""
        level = logging.INFO if note.what == "resolved" else _LEVELS[note.severity]
        log.log(level, " ".join(f"{note.title} {note.body}".split()))  # each text is a kind of its own
