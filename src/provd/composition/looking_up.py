"""What a configuration names of this machine, looked up as a start does: users, groups, files, a keyring."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provd.api.access import UnknownNameError
from provd.api.listener import ListenError, socket_group_id
from provd.composition.settings import access_of, tls_files_of
from provd.config import AccessSection, Config, TlsSection
from provd.probe.stream.tls import TlsFilesError, unreadable
from provd.secrets.backends import NAMED, class_named
from provd.secrets.errors import KeyringUnavailable

_CREDENTIALS = Path("/run/credentials")  # systemd.exec(5): there while a unit runs, for its user alone


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a key, in words that name it. It is no mistake where only whoever looks can't tell."""

    key: tuple[str, str]
    words: str
    is_mistake: bool = True


def look_up(config: Config) -> list[Finding]:
    """All that would keep a daemon from starting, or its keyring from working, and what could not be told.

    A class that is named as a keyring is imported. No port is taken, and nothing is made.
    """
    return [
        *_names(config.access),
        *_socket_group(config.daemon.socket_group),
        *_tls_files(config.tls),
        *_keyring(config.keyring.backend, config.keyring.key_file),
    ]


def _names(section: AccessSection) -> Iterator[Finding]:
    try:
        access_of(section)
    except UnknownNameError as error:
        for key, name in error.names:
            kind, bare = ("group", name[1:]) if name.startswith("@") else ("user", name)
            yield Finding(("access", key), f"[access] {key}: there is no {kind} {bare!r} on this machine")


def _socket_group(group: str) -> Iterator[Finding]:
    try:
        socket_group_id(group)
    except ListenError as error:
        yield Finding(("daemon", "socket_group"), str(error))


def _tls_files(section: TlsSection) -> Iterator[Finding]:
    closed = unreadable(section.ca_file, section.cert_file, section.key_file)
    for error in closed:
        yield _unread(("tls", error.option), getattr(section, error.option), error.reason)
    if closed:
        return
    try:
        tls_files_of(section)
    except TlsFilesError as error:
        yield Finding(("tls", error.option), str(error))


def _keyring(backend: str, key_file: Path | None) -> Iterator[Finding]:
    if backend not in NAMED:
        try:
            class_named(backend)
        except KeyringUnavailable as error:
            yield Finding(("keyring", "backend"), str(error))
    if key_file is not None:
        try:
            key_file.open("rb").close()
        except OSError as error:
            yield _unread(("keyring", "key_file"), key_file, error)


def _unread(key: tuple[str, str], path: Path, reason: OSError | None) -> Finding:
    words = f"[{key[0]}] {key[1]}: {path} can't be read"
    if isinstance(reason, PermissionError):
        words += f" by uid {os.geteuid()}: check as the user that provd runs as"
        return Finding(key, words, is_mistake=False)
    if path.is_relative_to(_CREDENTIALS):
        return Finding(key, f"{words}: systemd puts it there while provd runs", is_mistake=False)
    return Finding(key, f"{words}: {reason.strerror or reason}" if reason else words)
