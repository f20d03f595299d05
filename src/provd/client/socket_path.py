"""Where clients look for the daemon's socket."""

import os
from pathlib import Path

SYSTEM_SOCKET = Path("/run/provd/provd.sock")


def user_socket() -> Path:
    """Where a user's private daemon listens: under XDG_RUNTIME_DIR, else under the state directory."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "provd" / "provd.sock" if runtime else user_state_dir() / "provd.sock"


def user_state_dir() -> Path:
    """Where a user's private daemon keeps its store: XDG_STATE_HOME/provd."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "provd"


def find_socket(given: Path | None = None) -> Path:
    """Choose the socket: the one given, PROVD_SOCKET, the system's if there is one, the user's."""
    if given is not None:
        return given
    if named := os.environ.get("PROVD_SOCKET"):
        return Path(named)
    return SYSTEM_SOCKET if _is_there(SYSTEM_SOCKET) else user_socket()


def _is_there(socket: Path) -> bool:
    """Whether there is one, or we may not look: then it is tried, and whoever may not is told what to do."""
    try:
        return socket.exists()
    except PermissionError:
        return True
