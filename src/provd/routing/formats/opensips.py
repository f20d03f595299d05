"""OpenSIPS's tables ``dr_gateways`` (version 6) and ``dr_rules`` of the module drouting, for db_text.

A gateway is a provider; its ``gwid`` is the provider's id. A rule has the providers of one customer, target
and priority, by weight (``sort_alg`` W); OpenSIPS takes the highest priority first, so it is 65535 less ours,
and goes on to the next rule with do_routing()'s flag F. Prefixes are without the plus. The group 0 is the
default customer, the others count on from 1; ``attrs`` of a rule has the customer's id.

The tables have no comments, so a third, ``provd``, has the records whole. OpenSIPS does not read it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from provd.routing.formats import dbtext
from provd.routing.formats.base import Record
from provd.routing.formats.carried import comments, version_line, words
from provd.routing.formats.sip_uri import place_uri
from provd.schema.route import DEFAULT_CUSTOMER

MARK = "provd"
HIGHEST = 65535
_GATEWAYS = (
    "id(int,auto) gwid(string) type(int) address(string) strip(int) pri_prefix(string,null) "
    "attrs(string,null) probe_mode(int) state(int) socket(string,null) description(string,null)\n"
)
_RULES = (
    "ruleid(int,auto) groupid(string) prefix(string,null) timerec(string,null) priority(int) "
    "routeid(string,null) gwlist(string) sort_alg(string) sort_profile(int,null) attrs(string,null) "
    "description(string,null)\n"
)
_RECORDS = "id(int,auto) provd(string)\n"
_IN_A_RULE = 80  # gateways; more would be too long a value


class GatewaysWriter:
    """Writes dr_gateways."""

    def __init__(self) -> None:
        self._number = 0

    def opening(self, note: str = "") -> str:
        """Name the columns."""
        return _GATEWAYS

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a row; ``attrs`` has the postfix for the script, which the table has no column for."""
        self._number += 1
        attrs = f"name={quote(provider['name'][:60], safe='')[:200]}"
        if provider["tech_postfix"]:
            attrs += f";postfix={quote(provider['tech_postfix'], safe='')}"
        return dbtext.row(
            *(self._number, provider["id"], 0, place_uri(provider), 0, provider["tech_prefix"], attrs),
            *(0, 0 if provider["enabled"] else 1, None, words(provider["name"], 120)),
        )

    def between(self) -> str:
        """Give nothing."""
        return ""

    def route(self, route: Record) -> str:
        """Give nothing."""
        return ""

    def closing(self) -> str:
        """Give nothing."""
        return ""


class RulesWriter:
    """Writes dr_rules, at the end."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str, int], list[Record]] = defaultdict(list)
        self._groups = {DEFAULT_CUSTOMER: 0}

    def opening(self, note: str = "") -> str:
        """Name the columns."""
        return _RULES

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give nothing."""
        return ""

    def between(self) -> str:
        """Give nothing."""
        return ""

    def route(self, route: Record) -> str:
        """Keep a route until all are known; those that are disabled make no rule."""
        if route["enabled"]:
            self._groups.setdefault(route["customer_id"], len(self._groups))
            self._rules[route["customer_id"], route["target"], route["priority"]].append(route)
        return ""

    def closing(self) -> str:
        """Give the rows."""
        return "".join(dbtext.row(number, *rule) for number, rule in enumerate(self._rows(), 1))

    def _rows(self) -> Iterator[tuple[str | int | None, ...]]:
        for (customer, target, priority), routes in sorted(self._rules.items()):
            prefix = None if target == "all" else target.removeprefix("+")
            for start in range(0, len(routes), _IN_A_RULE):
                some = routes[start : start + _IN_A_RULE]
                gateways = ",".join(f"{each['provider_id']}={each['weight']}" for each in some)
                yield (
                    *(self._groups[customer], prefix, None, HIGHEST - priority, None, gateways, "W", None),
                    *(customer, MARK),
                )


class RecordsWriter:
    """Writes the table provd: comments, which the other tables can't have."""

    def __init__(self) -> None:
        self._number = 0

    def opening(self, note: str = "") -> str:
        """Name the column."""
        return _RECORDS + self._rows([version_line()])

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a record's rows."""
        return self._rows(comments(provider))

    def between(self) -> str:
        """Give nothing."""
        return ""

    def route(self, route: Record) -> str:
        """Give a record's rows."""
        return self._rows(comments(route))

    def closing(self) -> str:
        """Give nothing."""
        return ""

    def _rows(self, lines: Iterator[str] | list[str]) -> str:
        text = ""
        for line in lines:
            self._number += 1
            text += dbtext.row(self._number, line)
        return text
