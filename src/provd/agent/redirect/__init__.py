"""The redirect server: an INVITE is answered with where else to send it (RFC 3261 section 8.3)."""
