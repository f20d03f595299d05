"""Why a user may not connect to a socket, and what to do about it."""

import grp
import os
import pwd
import stat
from pathlib import Path


def why_not(socket: Path) -> str:
    """Say what keeps us from ``socket``, once the kernel has said EACCES, and what to do about it."""
    closed = next((each for each in reversed(socket.parents) if not os.access(each, os.X_OK)), None)
    if closed is not None:
        return (
            f"you may not look into {closed}, where provd's socket is to be: {_way_in(closed, stat.S_IXGRP)}"
        )
    return (
        f"you may not connect to provd at {socket}: {_way_in(socket, stat.S_IWGRP)}; see [daemon] socket_mode"
    )


def _way_in(path: Path, bit: int) -> str:
    """What to do when the group of ``path`` is let in by ``bit`` of its mode, else whose it is."""
    try:
        found = path.stat()
    except OSError:
        return "ask whoever runs it"
    group = _group(found.st_gid)
    if not found.st_mode & bit or found.st_gid == 0 or found.st_gid in (os.getegid(), *os.getgroups()):
        return f"it is for {_user(found.st_uid)} alone"
    you = _user(os.geteuid())
    if you in _members(found.st_gid):
        return f"you have joined the group {group} since you logged in: log in anew"
    return f"join the group {group} (sudo usermod -aG {group} {you}), then log in anew"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _members(gid: int) -> list[str]:
    try:
        return grp.getgrgid(gid).gr_mem
    except KeyError:
        return []
