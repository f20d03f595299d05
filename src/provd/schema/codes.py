"""Which SIP status codes count as an answer: ``any``, a class like ``2xx``, codes and ranges."""

import re
from dataclasses import dataclass

MAX_LENGTH = 255
_RANGE = re.compile(r"([1-6])xx|([1-6]\d\d)(?:-([1-6]\d\d))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CodePolicy:
    """The ranges of codes, both ends included, that a check accepts."""

    ranges: tuple[tuple[int, int], ...]

    def accepts(self, code: int) -> bool:
        """Whether an answer with this code is a success."""
        return any(low <= code <= high for low, high in self.ranges)


def parse_codes(text: str) -> CodePolicy | None:
    """Read ``any`` (None: every code will do), or a comma list like ``2xx``, ``200-299,404``.

    Raises ValueError with a sentence for people.
    """
    if text.strip().lower() == "any":
        return None
    if len(text) > MAX_LENGTH:
        raise ValueError(f"is {len(text)} characters long: at most {MAX_LENGTH} are allowed")
    return CodePolicy(tuple(_range(part.strip()) for part in text.split(",")))


def _range(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"has {text!r}: write any, 2xx, or codes and ranges like 200-299,404,405")
    if match[1]:
        return int(match[1]) * 100, int(match[1]) * 100 + 99
    low, high = int(match[2]), int(match[3] or match[2])
    if high < low:
        raise ValueError(f"has the range {text}, which ends before it begins")
    return low, high
