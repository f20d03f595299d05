"""The SIP user agent: what provd says to those who send it requests."""
