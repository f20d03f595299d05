"""What is asked of DNS, and what it says, as values."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The types of record that lead from a name to SIP servers."""

    A = "A"
    AAAA = "AAAA"
    SRV = "SRV"
    NAPTR = "NAPTR"


class Question(NamedTuple):
    """``name`` is absolute, without its final dot."""

    name: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Srv(NamedTuple):
    """A server of a service (RFC 2782). ``target`` is a name in lower case, or "." for 'there is none'."""

    priority: int
    weight: int
    port: int
    target: str


class Naptr(NamedTuple):
    """A pointer to a service (RFC 3403 section 4.1). ``replacement`` is a name in lower case, or "."."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str
    replacement: str


Record = str | Srv | Naptr
"""The text of an address for A and AAAA."""


class Outcome(IntEnum):
    """How a question ended. When the answers about one name differ, the greater one is told."""

    NO_RECORD = 0
    FOUND = 1
    FAILED = 2
    NO_ANSWER = 3
    NO_NAME = 4

    @property
    def is_failure(self) -> bool:
        """Whether it stays unknown what there is: not the same as there being nothing."""
        return self in (Outcome.FAILED, Outcome.NO_ANSWER)


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of one question; ``records`` are of its kind, and only there when they were found.

    ``ttl_s`` is how long the answer holds, be it records or their absence (RFC 2308). ``reason`` says in
    words why there are none.
    """

    question: Question
    outcome: Outcome
    records: tuple[Record, ...] = ()
    ttl_s: float = 0.0
    reason: str = ""
