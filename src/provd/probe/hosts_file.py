"""Names from /etc/hosts, which DNS servers do not know (hosts(5))."""

from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

HOSTS_FILE = Path("/etc/hosts")


def addresses_from_hosts(name: str, path: Path = HOSTS_FILE) -> tuple[str, ...]:
    """The addresses that the file gives a name, in its order; none when the file can't be read."""
    try:
        table = _table(path, path.stat().st_mtime_ns)
    except OSError:
        return ()
    return table.get(name.rstrip(".").lower(), ())


@lru_cache(maxsize=1)
def _table(path: Path, _changed: int) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in path.read_text(errors="replace").splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2:
            continue
        try:
            address = str(ip_address(words[0]))
        except ValueError:
            continue
        for name in words[1:]:
            table[name.lower()] = (*table.get(name.lower(), ()), address)
    return table
