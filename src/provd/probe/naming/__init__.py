"""Where a provider's name leads (RFC 3263): ``locate`` decides, ``dns_client`` asks."""
