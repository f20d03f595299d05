"""Who carries a call: numbers as each carrier wants them, and routes. Pure: no clock, no socket, no store."""
