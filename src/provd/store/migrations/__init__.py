"""Schema versions by Alembic. HEAD is the newest that this provd knows."""

HEAD = "0009"
