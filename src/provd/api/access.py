"""Who is calling, by the kernel's word, and what they may do."""

import ctypes
import errno
import grp
import os
import pwd
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from provd.schema.status import Role

_SO_PEERGROUPS = 59  # asm-generic/socket.h
_UCRED = struct.Struct("=iII")  # struct ucred: pid, uid, gid


class UnknownNameError(ValueError):
    """``[access]`` names users or groups that this machine does not have: ``names``, each with the key that
    has it."""

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        listed = ", ".join(f"{name!r} ({key})" for key, name in names)
        super().__init__(f"[access] names what this machine does not know: {listed}")
        self.names = names


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of a connection, as it was when it connected."""

    pid: int
    uid: int
    gids: frozenset[int]

    @property
    def user(self) -> str:
        """The user's name, or the uid where it has none."""
        return _user_name(self.uid)


def peer_of(connection: socket.socket) -> Peer:
    """Ask the kernel who is at the other end (unix(7): SO_PEERCRED, SO_PEERGROUPS)."""
    pid, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(pid, uid, frozenset((gid, *_peer_groups(connection))))


def _peer_groups(connection: socket.socket) -> tuple[int, ...]:
    """The supplementary groups. Through libc, since socket.getsockopt stops at 256 groups."""
    libc = ctypes.CDLL(None, use_errno=True)
    groups = (ctypes.c_uint32 * 64)()
    size = ctypes.c_uint32(ctypes.sizeof(groups))
    while libc.getsockopt(connection.fileno(), socket.SOL_SOCKET, _SO_PEERGROUPS, groups, ctypes.byref(size)):
        if ctypes.get_errno() != errno.ERANGE:  # ERANGE: size says how much it takes
            raise OSError(ctypes.get_errno(), "the peer's groups can't be read")
        groups = (ctypes.c_uint32 * (size.value // 4))()
    return tuple(groups[: size.value // 4])


@dataclass(slots=True)
class Access:
    """The roles: uids and gids for each. root and the daemon's own user are admin."""

    uids: dict[Role, frozenset[int]] = field(default_factory=dict)
    gids: dict[Role, frozenset[int]] = field(default_factory=dict)

    def role_of(self, peer: Peer) -> Role | None:
        """The greatest role that a peer has; None when it has none."""
        if peer.uid in (0, os.geteuid()):
            return Role.ADMIN
        for role in reversed(Role):
            if peer.uid in self.uids.get(role, ()) or peer.gids & self.gids.get(role, frozenset()):
                return role
        return None

    def replace(self, other: "Access") -> None:
        """Have the roles of ``other``, from the next request on."""
        self.uids, self.gids = other.uids, other.gids
        _user_name.cache_clear()


def make_access(named: dict[Role, Sequence[str | int]]) -> Access:
    """Look the names up; UnknownNameError naming every one that does not exist."""
    uids: dict[Role, frozenset[int]] = {}
    gids: dict[Role, frozenset[int]] = {}
    unknown: list[tuple[str, str]] = []
    for role, names in named.items():
        users, groups = set[int](), set[int]()
        for name in names:
            try:
                if isinstance(name, int):
                    users.add(name)
                elif name.startswith("@"):
                    groups.add(grp.getgrnam(name[1:]).gr_gid)
                else:
                    users.add(int(name) if name.isascii() and name.isdigit() else pwd.getpwnam(name).pw_uid)
            except KeyError:
                unknown.append((f"{role.value}s", str(name)))
        uids[role], gids[role] = frozenset(users), frozenset(groups)
    if unknown:
        raise UnknownNameError(unknown)
    return Access(uids, gids)


@lru_cache(maxsize=256)
def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
