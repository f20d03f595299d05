"""The one error that bytes from the network can cause."""

_SHOWN_LENGTH = 60


class SipParseError(ValueError):
    """What was received is not a SIP message, or not a part of one.

    ``reason`` says what is wrong, as a sentence for people; it never carries control characters or
    undecodable bytes. ``status`` is the response code that RFC 3261 or RFC 4475 gives for such a
    request; of a response it only names the kind of fault, since nobody answers a response.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def shown(text: str) -> str:
    """Foreign ``text`` as a reason quotes it: escaped, and cut when it is long."""
    return repr(text) if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]!r}..."
