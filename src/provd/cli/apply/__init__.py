"""``provctl apply``."""
