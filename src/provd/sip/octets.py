"""How the bytes of a message become text, and text bytes again.

SIP text is UTF-8 (RFC 3261 section 7). Bytes that are not are kept as lone surrogates, so a message is
written with the bytes it was read with; such text needs ``printable`` before it goes anywhere else.
"""

import re

_BARE_NUL = re.compile(r"(?:^|[^\\])(?:\\\\)*\x00")


def decode(data: bytes) -> str:
    """The text of ``data``, whatever bytes it has."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that ``decode`` made ``text`` of. Raises ValueError for surrogates it never makes."""
    return text.encode("utf-8", "surrogateescape")


def printable(text: str) -> str:
    """``text`` fit for a terminal, a log or a database.

    Undecodable bytes and control characters become U+FFFD, a tab becomes a space.
    """
    if text.isascii() and text.isprintable():
        return text
    clean = encode(text).decode("utf-8", "replace").replace("\t", " ")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in clean)


def has_bare_nul(text: str) -> bool:
    """Whether ``text`` has a NUL that no backslash escapes, as only a ``quoted-pair`` may have it."""
    return "\0" in text and _BARE_NUL.search(text) is not None
