"""What peers say: equal answers are one object, however many targets give them."""

from provd.probe.target import Answer
from provd.sip.message import Response
from provd.sip.octets import printable

_KEPT = 4096
_TEXT_KEPT = 256
BEGINS_NOTHING = bytes(65536)
"""A status line that no datagram begins with: none is as long."""


class Answers:
    """The answers that were seen lately."""

    def __init__(self) -> None:
        self._known: dict[Answer, Answer] = {}

    def of(self, response: Response, data: bytes) -> Answer:
        """The answer in ``response``, which was read from ``data``."""
        start = len(data) - len(data.lstrip(b"\r\n"))  # empty lines may stand before it
        answer = Answer(
            status_line=_line(response.code, data[: data.find(b"\n", start) + 1]),
            code=response.code,
            reason=printable(response.reason)[:_TEXT_KEPT] or None,
            server=response.server[:_TEXT_KEPT] if response.server else None,
        )
        return self.shared(answer)

    def before(self, code: int, reason: str | None, server: str | None) -> Answer:
        """An answer from before the start, as it was kept."""
        line = f"SIP/2.0 {code} {reason or ''}\r\n"
        return self.shared(
            Answer(_line(code, line.encode()) if line.isascii() else BEGINS_NOTHING, code, reason, server)
        )

    def shared(self, answer: Answer) -> Answer:
        """The object that stands for all answers equal to this one."""
        if len(self._known) >= _KEPT:
            self._known.clear()
        return self._known.setdefault(answer, answer)


def _line(code: int, status_line: bytes) -> bytes:
    # a 503 is read whole each time for its Retry-After, and a 1xx does not end an exchange
    short = code >= 200 and code != 503 and len(status_line) <= _TEXT_KEPT
    return status_line if short else BEGINS_NOTHING
