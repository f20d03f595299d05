"""Reading FreeSWITCH's gateways."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID
from xml.parsers import expat

from provd.routing.formats.base import FormatError, Found, Problem
from provd.routing.formats.carried import MAX_RECORD, Joining, made_id
from provd.routing.formats.freeswitch import PREFIX, carries
from provd.routing.formats.sip_uri import read_place

_CARRIED = frozenset(
    {"proxy", "realm", "register", "register-transport", "destination-prefix", "caller-id-in-from"}
)
_HEADER = "sip_h_"
_DEEPEST = 20
_MANY = 1000


class FreeswitchReader:
    """Reads XML with gateways, of ours or not. A document type is refused, and with it entities."""

    def __init__(self) -> None:
        self._joining = Joining()
        self._found: list[Found] = []
        self._depth = 0
        self._gateway: str | None = None
        self._line = 0
        self._params: dict[str, str] = {}
        self._headers: dict[str, str] = {}
        self._lost: list[str] = []
        self._parser = expat.ParserCreate("UTF-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CommentHandler = self._comment
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._since_found = 0

    def feed(self, number: int, text: str) -> Iterator[Found]:
        """Take a line."""
        self._since_found += len(text)
        if self._since_found > 4 * MAX_RECORD:
            raise FormatError(f"has nothing that is complete in {4 * MAX_RECORD} characters")
        yield from self._parse(text + "\n", final=False)

    def close(self) -> Iterator[Found]:
        """Give the last."""
        yield from self._parse("", final=True)
        yield from self._joining.flush()

    def _parse(self, text: str, *, final: bool) -> Iterator[Found]:
        try:
            self._parser.Parse(text, final)
        except expat.ExpatError as error:
            raise FormatError(
                f"is not XML: {expat.ErrorString(error.code)}, in line {error.lineno}"
            ) from None
        found, self._found = self._found, []
        yield from found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._since_found = 0
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormatError("is nested too deeply for gateways")
        if name == "gateway":
            self._gateway, self._line = attributes.get("name", ""), self._parser.CurrentLineNumber
            self._params, self._headers, self._lost = {}, {}, []
        elif self._gateway is not None and name == "param" and len(self._params) < _MANY:
            self._params[attributes.get("name", "")] = attributes.get("value", "")
        elif self._gateway is not None and name == "variable" and len(self._headers) < _MANY:
            self._variable(attributes)

    def _variable(self, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "")
        if name.startswith(_HEADER) and attributes.get("direction") == "outbound":
            self._headers[name.removeprefix(_HEADER)] = attributes.get("value", "")
        else:
            self._lost.append(f"the variable {name[:64]!r}")

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "gateway" and self._gateway is not None:
            self._found += self._entry(self._gateway)
            self._gateway = None

    def _entry(self, name: str) -> Iterator[Found]:
        proxy = self._params.get("proxy") or self._params.get("realm") or name
        if "$${" in proxy:
            yield Problem(
                self._line, f"has {proxy[:64]!r}, a variable that only FreeSWITCH knows: write it out"
            )
            return
        try:
            place = read_place(proxy)
        except ValueError as error:
            yield Problem(self._line, str(error))
            return
        fields: dict[str, Any] = {**place.fields, "enabled": True}
        transport = self._params.get("register-transport", "")
        if transport in ("udp", "tcp", "tls"):
            fields["transport"] = transport
        fields["tech_prefix"] = self._params.get("destination-prefix", "")
        try:
            key = str(UUID(name.removeprefix(PREFIX)))
        except ValueError:
            key = made_id("freeswitch", name)
        yield from self._joining.entry(self._line, key, fields, name[:255])
        self._joining.refine("tech_headers", self._all_headers)
        lost = [
            *place.lost,
            *self._lost,
            *(f"{each[:64]!r}" for each in self._params if each not in _CARRIED),
        ]
        if self._params.get("register", "true") != "false":
            lost.append("that it registers")
        if lost:
            yield Problem(self._line, f"has {', '.join(lost[:20])}: not carried over", left_out=False)

    def _all_headers(self, before: Any) -> dict[str, str]:
        """The headers of the gateway, and those of its record that a gateway can't have; in their order."""
        known: dict[str, str] = before if isinstance(before, dict) else {}
        kept = {
            name: self._headers.get(name, value)
            for name, value in known.items()
            if name in self._headers or not carries(value)
        }
        return {**kept, **{name: value for name, value in self._headers.items() if name not in kept}}

    def _comment(self, text: str) -> None:
        self._since_found = 0
        self._found += self._joining.comment(self._parser.CurrentLineNumber, text)

    def _doctype(self, *_: Any) -> None:
        raise FormatError("has a document type, which gateways have no use for: take it out")
