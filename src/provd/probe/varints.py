"""Whole numbers from 0 in as few bytes as they need: seven bits a byte, the lowest first (LEB128)."""

from collections.abc import Iterable


def encode_varints(numbers: Iterable[int]) -> bytes:
    """Write the numbers, one after another."""
    written = bytearray()
    for number in numbers:
        while number > 0x7F:
            written.append(number & 0x7F | 0x80)
            number >>= 7
        written.append(number)
    return bytes(written)


def decode_varints(data: bytes | bytearray) -> list[int]:
    """Read every number in ``data``."""
    numbers = []
    number = shift = 0
    for byte in data:
        if byte < 0x80:
            numbers.append(number | byte << shift)
            number = shift = 0
        else:
            number |= (byte & 0x7F) << shift
            shift += 7
    return numbers
