"""Kamailio's ``dispatcher.list``: a destination a line, ``setid uri flags priority attrs``.

It is read as ds_load_list() of the module dispatcher reads it: fields end at white space, there are no
quotes, lines are of at most 1,023 bytes, ``#`` begins a comment. A set is a priority of provd's routes.
``duid`` has the provider's id; ``weight`` and ``rweight`` its share, which Kamailio bounds by 100. Names have
the flag 16: they are resolved when a call is sent (RFC 3263), so one that can't be resolved now is not left
out of the list. IPv6 addresses are left out by a Kamailio that listens on none. The rest of a provider and
the routes are in comments.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, unquote
from uuid import UUID

from provd.routing.formats.base import Found, Problem, Record
from provd.routing.formats.carried import Joining, comments, made_id, version_line, words
from provd.routing.formats.sip_uri import place_uri, read_place
from provd.schema.hostname import HostKind, parse_hostname

_OPENING = f"""\
# {version_line()}
# Destinations for Kamailio's module dispatcher. A set has the providers of one priority of provd's routes.
# Not for Kamailio: targets of routes, prefixes, postfixes, headers, codecs and how providers are checked.
# They are in the comments "provd:", for provd's own import. Weights are at most 100.
"""
_LONGEST = 1023
_SET_WITHOUT_ROUTES = 1
_MOST = 100
_DISABLED = 4
_PROBING = 8
_NO_DNS = 16
_LONGEST_NAME = 120
_OURS = frozenset({"duid", "name", "weight", "rweight"})
_ATTRIBUTES = re.compile(r"([A-Za-z0-9_]+)=(?:\"([^\"]*)\"|([^;]*))")


class KamailioWriter:
    """Writes a dispatcher.list."""

    def opening(self, note: str = "") -> str:
        """Say what it is, and what of providers it has not."""
        return _OPENING + (f"# {words(note)}\n" if note else "")

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a line for each priority that the provider has among its enabled routes."""
        shares: dict[int, int] = {}
        for route in routes:
            if route["enabled"]:
                shares[route["priority"]] = max(route["weight"], shares.get(route["priority"], 0))
        lines = [f"# {line}\n" for line in comments(provider)]
        for priority, weight in sorted((shares or {_SET_WITHOUT_ROUTES: 1}).items()):
            flags = (0 if provider["enabled"] else _DISABLED) | _resolving(provider)
            share = min(weight, _MOST)
            attributes = f"duid={UUID(provider['id'])};weight={share};rweight={share};name={_name(provider)}"
            lines.append(f"{int(priority)} {place_uri(provider)} {flags} 0 {attributes}\n")
        return "".join(lines)

    def between(self) -> str:
        """Give nothing."""
        return ""

    def route(self, route: Record) -> str:
        """Give a route as a comment: destinations have no targets."""
        return "".join(f"# {line}\n" for line in comments(route))

    def closing(self) -> str:
        """Give nothing."""
        return ""


def _name(provider: Record) -> str:
    name = quote(provider["name"], safe="")
    while len(name) > _LONGEST_NAME:
        provider = {"name": provider["name"][:-8]}
        name = quote(provider["name"], safe="")
    return name.replace("~", "%7E")


def _resolving(provider: Record) -> int:
    return _NO_DNS if parse_hostname(provider["hostname"]).kind is HostKind.NAME else 0


class KamailioReader:
    """Reads a dispatcher.list, of ours or not."""

    def __init__(self) -> None:
        self._joining = Joining()

    def feed(self, number: int, text: str) -> Iterable[Found]:
        """Take a line."""
        text = text.strip(" \t\r\n")
        if text.startswith("#"):
            return self._joining.comment(number, text[1:])
        return self._destination(number, text) if text else ()

    def close(self) -> Iterable[Found]:
        """Give the last."""
        return self._joining.flush()

    def _destination(self, number: int, text: str) -> Iterator[Found]:
        if len(text.encode()) > _LONGEST:
            yield Problem(number, f"is over {_LONGEST} bytes, where Kamailio cuts lines")
            return
        words = text.split("#", 1)[0].split() if "#" in text.split(None, 4)[:4] else text.split()
        if len(words) < 2 or not all(_is_number(word) for word in (words[0], *words[2:4])):
            yield Problem(
                number, "is not 'setid uri flags priority attributes', with numbers but for the URI"
            )
            return
        try:
            place = read_place(words[1])
        except ValueError as error:
            yield Problem(number, str(error))
            return
        flags = int(words[2]) if len(words) > 2 else 0
        attributes = {
            match[1]: match[2] or match[3] or "" for match in _ATTRIBUTES.finditer(" ".join(words[4:5]))
        }
        key, ours = _key(attributes, words[0], words[1])
        fields = {**place.fields, "enabled": not flags & _DISABLED}
        yield from self._joining.entry(number, key, fields, unquote(attributes.get("name", words[1]))[:255])
        lost = [*place.lost, *(f"the attribute {name}" for name in attributes if name not in _OURS)]
        if flags & ~(_DISABLED | _PROBING | _NO_DNS):
            lost.append(f"the flags {flags}")
        if not ours:
            lost.append(f"the set {words[0]}, for which provd has routes")
        if len(words) > 3 and int(words[3]):
            lost.append(f"the priority {words[3]}")
        if lost:
            yield Problem(number, f"has {', '.join(lost)}: not carried over", left_out=False)


def _key(attributes: dict[str, str], setid: str, uri: str) -> tuple[str, bool]:
    try:
        return str(UUID(attributes.get("duid", ""))), True
    except ValueError:
        return made_id("kamailio", setid, uri), False


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
