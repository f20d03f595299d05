"""The base values of timers, in seconds (RFC 3261 section 17.1.1.2)."""

T1 = 0.5
T2 = 4.0
T4 = 5.0
LONGEST = 64 * T1
"""Timers B, F, H and M: how long a transaction waits at the most."""
