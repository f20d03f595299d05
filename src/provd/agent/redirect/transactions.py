"""The answers that were given, for requests that are sent again (RFC 3261 section 17.2.3)."""

from provd.sip.message import Request

LIFETIME_S = 32.0
"""64 * T1: as long as a client may send its INVITE again (RFC 3261 section 17.1.1.2, timer B)."""
MAX_ANSWERS = 16_384
MAX_BYTES = 32 * 1024 * 1024
_COOKIE = "z9hG4bK"

TransactionKey = tuple[str | int | None, ...]


def transaction_key(request: Request) -> TransactionKey:
    """What an INVITE, what repeats it, and its CANCEL have in common.

    That is the branch, the sent-by and, lest a peer that uses a branch twice gets another call's answer, the
    Call-ID; of an RFC 2543 peer, which has no such branch, what that section lists instead.
    """
    via = request.top_via
    branch = via.branch or ""
    if branch.startswith(_COOKIE) and len(branch) > len(_COOKIE):
        return (branch, via.host.lower(), via.port, request.call_id)
    return (request.uri, request.from_.tag, request.call_id, request.cseq.number, str(via))


class TransactionMemory:
    """The latest answers, at most MAX_ANSWERS and MAX_BYTES of them. Time only goes forward."""

    def __init__(self) -> None:
        self._answers: dict[TransactionKey, tuple[float, bytes]] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: TransactionKey, now: float) -> bytes | None:
        """The answer that was given, while it is to be given again."""
        found = self._answers.get(key)
        return None if found is None or found[0] <= now else found[1]

    def put(self, key: TransactionKey, answer: bytes, now: float) -> None:
        """Remember an answer."""
        known = self._answers.pop(key, None)
        self._size += len(answer) - (0 if known is None else len(known[1]))
        self._answers[key] = (now + LIFETIME_S, answer)
        while self._answers:
            oldest = next(iter(self._answers))
            expires, data = self._answers[oldest]
            if expires > now and len(self._answers) <= MAX_ANSWERS and self._size <= MAX_BYTES:
                return
            del self._answers[oldest]
            self._size -= len(data)
