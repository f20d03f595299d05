"""Who asks for a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller as the kernel names it, and the request.

    ``pid`` is 0, and the rest empty, where the daemon goes on with what a caller began.
    """

    uid: int
    user: str
    pid: int = 0
    role: str = ""
    method: str = ""
    request_id: str = ""
