"""Samples and rollups made small for the store: bytes of the same meaning side by side, then zlib.

Neighbours differ little in their times and counts, so that most of it vanishes: 240 samples take some 650
bytes instead of 1,920, the minutes of an hour with two samples each some 200 instead of 390.
"""

import zlib
from array import array
from itertools import accumulate, islice, pairwise

_FAST = 1  # on this data the higher levels are slower and no better
_SAMPLE_BYTES = 8
_MINUTES = 60

Minutes = list[tuple[int, bytes]]
"""Places in an hour (0 to 59), and the encoded rollup of each."""


def compress_samples(samples: "array[int]") -> bytes:
    """Make samples small; they begin and end with this machine's byte order."""
    raw = samples.tobytes()
    return zlib.compress(b"".join([raw[place::_SAMPLE_BYTES] for place in range(_SAMPLE_BYTES)]), _FAST)


def decompress_samples(data: bytes) -> "array[int]":
    """Read what ``compress_samples`` wrote."""
    columns = zlib.decompress(data)
    length = len(columns) // _SAMPLE_BYTES
    raw = bytearray(len(columns))
    for place in range(_SAMPLE_BYTES):
        raw[place::_SAMPLE_BYTES] = columns[place * length : (place + 1) * length]
    samples = array("Q")
    samples.frombytes(raw)
    return samples


def compress_minutes(minutes: Minutes) -> bytes:
    """Make the minutes of an hour small."""
    places = [place for place, _ in minutes]
    lengths = [len(rollup) for _, rollup in minutes]
    columns = [
        len(minutes).to_bytes(2, "big"),
        bytes([(place - before) % _MINUTES for before, place in pairwise([0, *places])]),
        bytes([length & 0xFF for length in lengths]),
        bytes([length >> 8 for length in lengths]),
    ]
    columns += [
        bytes([rollup[column] for _, rollup in minutes if column < len(rollup)])
        for column in range(max(lengths, default=0))
    ]
    return zlib.compress(b"".join(columns))


def decompress_minutes(data: bytes) -> Minutes:
    """Read what ``compress_minutes`` wrote."""
    columns = iter(zlib.decompress(data))
    number = next(columns) << 8 | next(columns)
    places = [place % _MINUTES for place in accumulate(islice(columns, number))]
    lengths = list(islice(columns, number))
    lengths = [low | high << 8 for low, high in zip(lengths, islice(columns, number), strict=True)]
    rollups = [bytearray() for _ in places]
    for column in range(max(lengths, default=0)):
        for rollup, length in zip(rollups, lengths, strict=True):
            if column < length:
                rollup.append(next(columns))
    return [(place, bytes(rollup)) for place, rollup in zip(places, rollups, strict=True)]
