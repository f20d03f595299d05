"""Reading OpenSIPS's tables dr_gateways, dr_rules and provd: any of them, one after the other."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from provd.routing.formats import dbtext
from provd.routing.formats.base import FormatError, Found, Problem, Read, is_route
from provd.routing.formats.carried import Joining, made_id
from provd.routing.formats.opensips import HIGHEST, MARK
from provd.routing.formats.sip_uri import read_place

MAX_TABLES = 64 * 1024 * 1024
_GATEWAY = re.compile(r"([A-Za-z0-9_.-]+)(?:=([0-9]{1,9}))?")
_HEAVIEST = 65535


@dataclass(frozen=True, slots=True)
class _Gateway:
    line: int
    record: dict[str, Any]
    gwid: str


class OpensipsReader:
    """Reads the tables; a row of dr_gateways says what holds of the fields that it has."""

    def __init__(self) -> None:
        self._joining = Joining()
        self._columns: Sequence[str] = ()
        self._take: Callable[[int, Mapping[str, str]], Iterable[Found]] | None = None
        self._records: list[Read] = []
        self._gateways: dict[str, _Gateway] = {}
        self._rules: list[tuple[int, Mapping[str, str]]] = []
        self._size = 0

    def feed(self, number: int, text: str) -> Iterator[Found]:
        """Take a line."""
        self._size += len(text) + 1
        if self._size > MAX_TABLES:
            raise FormatError(f"is over {MAX_TABLES} bytes: tables of this size can't be put together")
        text = text.removesuffix("\r")
        columns = dbtext.columns(text)
        if columns is not None:
            yield from self._begin(number, columns)
        elif text.strip():
            yield from self._row(number, text)

    def close(self) -> Iterator[Found]:
        """Give everything, put together."""
        yield from self._hold(self._joining.flush())
        of_ours = False
        for each in self._records:
            of_ours = of_ours or is_route(each.record)
            gateway = self._gateways.pop(str(each.record.get("id")), None)
            if gateway is not None:
                each.record.update({name: value for name, value in gateway.record.items() if name != "name"})
            yield each
        known = {each.gwid: each.record["id"] for each in self._gateways.values()}
        for gateway in self._gateways.values():
            yield Read(gateway.line, gateway.record)
        for line, rule in self._rules:
            if rule.get("description") != MARK:
                yield from _routes(line, rule, known)
            elif not of_ours:
                yield Problem(
                    line, "is a rule of provd's: its routes are in the table provd, give that too", False
                )

    def _begin(self, number: int, columns: Sequence[str]) -> Iterator[Found]:
        tables = {"gwid": self._gateway, "gwlist": self._rule, "provd": self._comment}
        found = next((name for name in tables if name in columns), None)
        self._columns, self._take = columns, tables[found] if found else None
        if found is None:
            yield Problem(number, "begins a table that is none of dr_gateways, dr_rules and provd", False)

    def _row(self, number: int, text: str) -> Iterator[Found]:
        if not self._columns:
            raise FormatError(
                "must begin with a line that names columns, like 'id(int,auto) gwid(string) ...'"
            )
        if self._take is None:
            return
        try:
            yield from self._take(number, dbtext.values(self._columns, text))
        except ValueError as error:
            yield Problem(number, str(error))

    def _comment(self, number: int, row: Mapping[str, str]) -> Iterator[Found]:
        yield from self._hold(self._joining.comment(number, row["provd"]))

    def _hold(self, found: Iterable[Found]) -> Iterator[Found]:
        for each in found:
            if isinstance(each, Read):
                self._records.append(each)
            else:
                yield each

    def _gateway(self, number: int, row: Mapping[str, str]) -> Iterator[Found]:
        place = read_place(row.get("address", ""))
        gwid = row["gwid"]
        try:
            key = str(UUID(gwid))
        except ValueError:
            key = made_id("opensips", gwid)
        attrs = dict(part.partition("=")[::2] for part in row.get("attrs", "").split(";") if part)
        ours = "name" in attrs and attrs.keys() <= {"name", "postfix"}
        name = unquote(attrs["name"]) if ours else row.get("description") or gwid
        record = {
            "id": key,
            "name": name[:255],
            **place.fields,
            "tech_prefix": row.get("pri_prefix", ""),
            "enabled": row.get("state", "0") != "1",
        }
        if key in self._gateways:
            yield Problem(number, f"has the gwid {gwid[:64]!r} of an earlier line")
            return
        self._gateways[key] = _Gateway(number, record, gwid)
        plain = {"strip": "0", "type": "0", "probe_mode": "0", "socket": ""}
        lost = [*place.lost]
        lost += [
            f"the {name} {row[name][:64]!r}" for name, value in plain.items() if row.get(name, value) != value
        ]
        if row.get("attrs") and not ours:
            lost.append("the attrs")
        if lost:
            yield Problem(number, f"has {', '.join(lost)}: not carried over", left_out=False)

    def _rule(self, number: int, row: Mapping[str, str]) -> Iterator[Found]:
        self._rules.append((number, row))
        return iter(())


def _routes(line: int, rule: Mapping[str, str], known: Mapping[str, str]) -> Iterator[Found]:
    prefix, rule_id = rule.get("prefix", "").removeprefix("+"), rule.get("ruleid", "")
    lost = [f"the {name} {rule[name][:64]!r}" for name in ("timerec", "routeid", "attrs") if rule.get(name)]
    if rule.get("groupid", "0") != "0":
        lost.append(f"the groups {rule['groupid'][:64]!r}")
    names = [name.strip() for name in re.split("[,;]", rule["gwlist"]) if name.strip()]
    if len(names) > 1 and rule.get("sort_alg") != "W":
        lost.append("the order of the gateways")
    if not rule.get("priority", "0").isdigit():
        yield Problem(line, f"has the priority {rule['priority'][:32]!r}, which is not a number")
        return
    for name in names:
        match = _GATEWAY.fullmatch(name)
        if match is None or match[1] not in known:
            lost.append(f"{name[:64]!r}, which is no gateway of this file")
            continue
        record = {
            "id": made_id("opensips", rule_id, match[1]),
            "name": f"rule {rule_id}: {match[1]}"[:255],
            "provider_id": known[match[1]],
            "target": f"+{prefix}" if prefix else "all",
            "priority": max(0, HIGHEST - int(rule.get("priority", "0"))),
            "weight": min(max(1, int(match[2] or 1)), _HEAVIEST),
        }
        yield Read(line, record)
    if lost:
        yield Problem(line, f"has {', '.join(lost)}: not carried over", left_out=False)
