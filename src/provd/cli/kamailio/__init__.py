"""``provctl sync kamailio``."""
