"""``provctl calls``: call records of other programs to the daemon, and figures from it."""
