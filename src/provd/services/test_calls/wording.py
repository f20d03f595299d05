"""What became of a test call, in words."""

from provd.agent.calling.placing import End, Placed
from provd.schema.test_calls import CallMode

_CODES = {
    401: "The carrier wants a user name and password: give them with provctl sip-login.",
    403: "The carrier refuses the call: look at the caller's number, the account's balance and its rights.",
    404: "The carrier knows no such number: look at the prefix, and at how it wants numbers written.",
    407: "The carrier wants a user name and password: give them with provctl sip-login.",
    480: "The phone that was called can't be reached at the moment.",
    484: "The number is incomplete for this carrier: look at the prefix.",
    486: "The line that was called is busy.",
    488: "The carrier takes no codec that was offered: PCMU and PCMA.",
    503: "The carrier can't take the call at the moment, or allows no more at a time.",
    603: "The call was declined.",
}
_SOUND = {
    "sound": "Sound came back.",
    "silence": "Packets came back, and all were silence.",
    "none": "No sound came back: look at firewalls and NAT, which must let RTP through.",
}


def cause_text(placed: Placed, mode: CallMode) -> str:
    """What it means, and what to do about it."""
    problem = f"{placed.problem[0].upper()}{placed.problem[1:]}." if placed.problem else ""
    answered = f"The carrier answered {placed.code} {placed.reason or ''}".strip()
    refused = _CODES.get(placed.code or 0, answered)
    match placed.end:
        case End.ANSWERED if mode is CallMode.RING:
            said = "It was answered without ringing first, and hung up at once."
        case End.ANSWERED:
            said = f"It was answered. {_SOUND[placed.sound.audio]}"
        case End.RINGING if placed.code == 200:
            said = "It rang, and was answered just as provd hung up."
        case End.RINGING:
            said = "It rang, and was hung up: the trunk carries calls."
        case End.NO_ANSWER if placed.code in (None, 487):
            said = "It rang, and nobody answered in time."
        case End.TIMEOUT:
            said = "The carrier did not answer the INVITE, or went no further than 100 Trying."
        case End.CANCELLED:
            said = "It was cancelled."
        case End.FAILED if placed.code is None or placed.code < 300 or placed.code == 487:
            said = "The call could not be made." if not problem else ""
        case _:
            said = refused if refused.endswith(".") else f"{refused}."
    return f"{said} {problem}".strip()
