"""SIP messages as values: parsing and writing (RFC 3261), without sockets, clocks or state."""
