"""The CSeq header: where a request stands in its dialog (RFC 3261 section 20.16)."""

import re
from dataclasses import dataclass

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import TOKEN_CHARS, parse_scalar

MAX_NUMBER = 2**31 - 1
"""The largest sequence number (RFC 3261 section 8.1.1.5)."""

_CSEQ = re.compile(rf"([0-9]+)[ \t]+([{TOKEN_CHARS}]+)")


@dataclass(frozen=True, slots=True)
class CSeq:
    """A sequence number and the method it counts; methods differ by case."""

    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def parse_cseq(text: str) -> CSeq:
    """Read a CSeq value. Raises SipParseError when it is not a number below 2**31 and a method."""
    match = _CSEQ.fullmatch(text)
    if match is None:
        raise SipParseError(f"the CSeq {shown(text)} is not a number and a method")
    number = parse_scalar(match[1], MAX_NUMBER)
    if number is None:
        raise SipParseError(f"the CSeq number {shown(match[1])} is not below 2**31")
    return CSeq(number, match[2])
