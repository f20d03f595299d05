"""What is heard at the other end: a tone, as 8-bit linear sound."""

import math

RATE = 8000
SILENCE = 128
_HZ = 1000
_LOUD = 40  # of 127: some 10 dB below full scale, as a quiet voice


def tone(seconds: int) -> bytes:
    """A tone that long; a second of it ends where it began."""
    second = bytes(
        SILENCE + round(_LOUD * math.sin(2 * math.pi * _HZ * sample / RATE)) for sample in range(RATE)
    )
    return second * seconds
