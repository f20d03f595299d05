"""How calls went: taking their records in, figures over a time, and who is impaired."""
