"""OPTIONS over TCP and TLS: connections that are kept open, and one exchange after another on each."""
