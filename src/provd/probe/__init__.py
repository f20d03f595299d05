"""The OPTIONS monitor: a sans-IO engine, the verdict over its results, adapters for sockets and DNS."""
