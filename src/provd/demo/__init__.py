"""The demo fleet: simulated carriers that are real SIP servers on loopback, and their provider records."""
