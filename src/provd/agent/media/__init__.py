"""The sound of a call, in a process of its own: a tone out, and what comes back counted."""
