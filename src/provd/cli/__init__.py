"""The commands provd and provctl."""
