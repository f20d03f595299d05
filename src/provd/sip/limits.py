"""How much of a message is read before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a received message may have of each thing; RFC 3261 sets no bounds itself.

    ``message_size`` is in bytes; a UDP datagram cannot be larger than the default. ``line_length``
    bounds each line as received, the start line too, and ``value_length`` each header's value after
    unfolding, both in characters. ``via_count`` counts the commas of Via headers, so a comma inside a
    quoted string counts as well; its default is the usual Max-Forwards, and so the longest sane path.
    """

    message_size: int = 65_535
    header_count: int = 256
    line_length: int = 8_192
    value_length: int = 8_192
    via_count: int = 70
