"""How the lines of the audit log hang together: each has a hash over itself and that of the one before."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BEGINNING = "0" * 64
"""What stands for the hash before the first line."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: the number of a line and its hash."""

    seq: int = 0
    hash: str = BEGINNING


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that is not as it was written, or is missing, and what is wrong with it."""

    seq: int
    message: str


def hash_of(entry: Mapping[str, Any]) -> str:
    """The hash of a line, which has every field of AuditEntry but ``hash``."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def chained(entry: Mapping[str, Any], last: Link) -> dict[str, Any]:
    """A new line as it follows ``last``: with ``seq``, ``previous`` and ``hash``."""
    whole = {**entry, "seq": last.seq + 1, "previous": last.hash}
    return {**whole, "hash": hash_of(whole)}


def follow(entries: Iterable[Mapping[str, Any]], last: Link) -> Link | Broken:
    """Go along lines in the order of their numbers; the last of them, or the first that is not right."""
    for entry in entries:
        expected, seq = last.seq + 1, entry["seq"]
        if seq != expected:
            return Broken(expected, f"entry {expected} is missing: after {last.seq} comes {seq}")
        whole = dict(entry)
        given = whole.pop("hash")
        if hash_of(whole) != given:
            return Broken(seq, f"entry {seq} is not as it was written: its hash does not fit what it says")
        if entry["previous"] != last.hash:
            return Broken(seq, f"entry {seq} does not follow entry {last.seq}: one of them was replaced")
        last = Link(seq, given)
    return last
