"""A datagram from the network."""

Arrived = tuple[int, bytes, float]
"""Its place among those that came with it, the datagram, and when it came (monotonic seconds)."""
