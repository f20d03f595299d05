"""The headers of a message: in order, found by name in any case or in compact form (RFC 3261 section 7.3)."""

from collections.abc import Iterable, Iterator

COMPACT_FORMS = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""The one-letter names that IANA lists, and what they stand for."""

_LONG_NAMES = (
    *COMPACT_FORMS.values(),
    *("Accept", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow", "Authentication-Info"),
    *("Authorization", "CSeq", "Call-Info", "Content-Disposition", "Content-Language", "Date"),
    *("Error-Info", "Expires", "In-Reply-To", "MIME-Version", "Max-Forwards", "Min-Expires"),
    *("Organization", "P-Asserted-Identity", "Path", "Priority", "Proxy-Authenticate"),
    *("Proxy-Authorization", "Proxy-Require", "Reason", "Record-Route", "Reply-To", "Require"),
    *("Retry-After", "Route", "Server", "Service-Route", "Timestamp", "Unsupported", "User-Agent"),
    *("WWW-Authenticate", "Warning"),
)
_KNOWN = (
    {name: name for name in _LONG_NAMES}
    | {name.lower(): name for name in _LONG_NAMES}
    | COMPACT_FORMS
    | {letter.upper(): name for letter, name in COMPACT_FORMS.items()}
)


def canonical_name(name: str) -> str:
    """The usual long form of a header's name; one that this package does not know stays as it is."""
    known = _KNOWN.get(name)
    if known is not None:
        return known
    return _KNOWN.get(name.lower(), name) if name.isascii() else name


class Headers:
    """An immutable list of names and values, also found by name.

    Names are kept in their canonical form. Two are equal when they have the same values under the same
    names, in any case, in the same order. Values are not checked here: the serialiser does that.
    """

    __slots__ = ("_by_name", "_items")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items = tuple((canonical_name(name), value) for name, value in items)
        by_name: dict[str, list[str]] = {}
        for name, value in self._items:
            by_name.setdefault(_key(name), []).append(value)
        self._by_name = by_name

    def get(self, name: str) -> str | None:
        """The first value under ``name``, or None."""
        values = self._by_name.get(_key(name))
        return None if values is None else values[0]

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value under ``name`` in the order of the message."""
        return tuple(self._by_name.get(_key(name), ()))

    def count(self, name: str) -> int:
        """How many headers have that name."""
        return len(self._by_name.get(_key(name), ()))

    def add(self, name: str, value: str) -> "Headers":
        """A copy with one header more, at the end; this one stays as it is."""
        return Headers((*self._items, (name, value)))

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._by_name

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._keyed() == other._keyed()

    def __hash__(self) -> int:
        return hash(self._keyed())

    def __repr__(self) -> str:
        return f"Headers({list(self._items)!r})"

    def _keyed(self) -> tuple[tuple[str, str], ...]:
        return tuple((_key(name), value) for name, value in self._items)


def _key(name: str) -> str:
    known = _KNOWN.get(name)
    if known is not None:
        return known
    lower = name.lower() if name.isascii() else name
    return _KNOWN.get(lower, lower)
