"""What became of a call, in words."""

import pytest

from provd.agent.calling.placing import End, Placed
from provd.agent.media.process import SoundResult
from provd.schema.test_calls import CallMode
from provd.services.test_calls.wording import cause_text

A, R = CallMode.ANSWER, CallMode.RING


@pytest.mark.parametrize(
    ("placed", "mode", "words"),
    [
        (Placed(End.ANSWERED, 200, sound=SoundResult(audio="sound")), A, "It was answered. Sound came back."),
        (Placed(End.ANSWERED, 200), A, "It was answered. No sound came back: look at firewalls"),
        (Placed(End.ANSWERED, 200), R, "It was answered without ringing first"),
        (Placed(End.RINGING, 487), R, "It rang, and was hung up: the trunk carries calls."),
        (Placed(End.RINGING, 200), R, "It rang, and was answered just as provd hung up."),
        (Placed(End.BUSY, 486), A, "The line that was called is busy."),
        (Placed(End.REJECTED, 403), A, "The carrier refuses the call"),
        (Placed(End.REJECTED, 499, "Not Today"), A, "The carrier answered 499 Not Today."),
        (Placed(End.FAILED, 503), A, "The carrier can't take the call at the moment"),
        (Placed(End.FAILED, problem="no connection"), A, "No connection."),
        (Placed(End.FAILED, 200, problem="it has no sound"), A, "It has no sound."),
        (Placed(End.FAILED), A, "The call could not be made."),
        (Placed(End.NO_ANSWER, 487), A, "It rang, and nobody answered in time."),
        (Placed(End.NO_ANSWER, 480), A, "The phone that was called can't be reached at the moment."),
        (Placed(End.TIMEOUT), A, "The carrier did not answer the INVITE"),
        (Placed(End.CANCELLED), A, "It was cancelled."),
        (Placed(End.REJECTED, 401, problem="there is none"), A, "provctl sip-login. There is none."),
    ],
)
def test_every_end_is_told_with_what_to_do(placed: Placed, mode: CallMode, words: str) -> None:
    assert words in cause_text(placed, mode)
