"""One outgoing call from its INVITE to its end: no socket, no clock, no media."""
