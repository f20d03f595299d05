"""Client transactions (RFC 3261 section 17.1, with RFC 6026): what is sent again, and when one is over."""
