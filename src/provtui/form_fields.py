"""The fields of a provider's form: their text, what they mean, and what is wrong with them.

Wrong is what the daemon would call wrong: each field goes through the models of the wire contract.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, ValidationError

from provd.schema.probe import Preset, ProbeOverrides, RollUp
from provd.schema.provider import Provider, ProviderCreate, ProviderPatch, Transport
from provtui.text import clean


class Kind(Enum):
    """How a field is typed in."""

    TEXT = "text"
    MASKED = "masked"
    LINES = "lines"
    CHOICE = "choice"
    SWITCH = "switch"


class Section(Enum):
    """The groups of fields; all but the first begin closed. The value is the heading."""

    TRUNK = "The trunk"
    CHECKS = "When it is checked, and what counts"
    REQUEST = "What a check sends"
    CONNECTION = "TLS and connections of checks"


UNSET = "as provd is set"
"""What the empty choice means, if a field does not say otherwise."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. ``path`` is its dotted path into the body, as error details name it.

    ``hint`` stands in it while it is empty; ``about`` is a sentence or two for who is there. ``unset`` is
    what the empty choice means; ``suggest`` are texts that are offered while one of them is typed.
    """

    path: str
    label: str
    hint: str = ""
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    section: Section = Section.TRUNK
    about: str = ""
    required: bool = False
    unset: str = UNSET
    suggest: tuple[str, ...] = ()

    @property
    def widget_id(self) -> str:
        """The id of its widget."""
        return "field-" + re.sub(r"[^\w-]", "-", self.path)


YES, NO = "yes", "no"
"""What stands for true and false."""

_EITHER = ("", YES, NO)


def _check(name: str, label: str, hint: str, section: Section) -> FormField:
    kind = Kind.LINES if name == "headers" else Kind.TEXT
    return FormField(f"probe.{name}", label, hint, kind, section=section)


def _choice(name: str, label: str, choices: tuple[str, ...], section: Section) -> FormField:
    return FormField(f"probe.{name}", label, "", Kind.CHOICE, choices, section)


_C, _R, _N = Section.CHECKS, Section.REQUEST, Section.CONNECTION

FIELDS = (
    FormField("name", "Name", "what you call it"),
    FormField("hostname", "Hostname", "sip.carrier.example, 203.0.113.9:5060 or [2001:db8::1]"),
    FormField("transport", "Transport", kind=Kind.CHOICE, choices=tuple(Transport)),
    FormField("enabled", "Enabled", kind=Kind.CHOICE, choices=(YES, NO)),
    FormField("carrier", "Carrier", "telnyx, twilio …"),
    FormField("tags", "Tags", "with commas between them"),
    FormField("detail", "Detail", "anything worth knowing"),
    FormField("codecs", "Codecs", "PCMU,PCMA,opus"),
    FormField("tech_prefix", "Prefix", "dialled before the number"),
    FormField("tech_postfix", "Postfix", "dialled after the number, with @host if need be"),
    FormField("tech_headers", "Headers", "Name: value, one a line", Kind.LINES),
    _choice("enabled", "Checks", _EITHER, _C),
    _check("interval_s", "Check every", f"seconds; empty: {UNSET}", _C),
    _check("timeout_s", "Timeout", f"seconds; empty: {UNSET}", _C),
    _check("fall", "Fall", f"failures until unhealthy; empty: {UNSET}", _C),
    _check("rise", "Rise", f"answers until healthy; empty: {UNSET}", _C),
    _check("codes", "Codes", "that count as success: any, 2xx, 200-299,404", _C),
    _choice("rollup", "Needs up", ("", *RollUp), _C),
    _choice("preset", "Preset", ("", *Preset), _R),
    _check("from_uri", "From", "sip:probe@sbc.example.com", _R),
    _check("contact", "Contact", "sip:sbc.example.com:5061;transport=tls", _R),
    _check("user_agent", "User-Agent", f"empty: {UNSET}", _R),
    _check("max_forwards", "Max-Forwards", f"0 to 255; empty: {UNSET}", _R),
    _check("headers", "More headers", "Name: value, one a line", _R),
    _choice("send_tech_headers", "Headers too", _EITHER, _R),
    _check("bind", "Send from", "0.0.0.0:0, an address and port of ours", _R),
    _choice("tls_verify", "Verify TLS", _EITHER, _N),
    _check("tls_sni", "TLS name", "to ask for and find in the certificate; empty: the hostname", _N),
    _choice("reuse", "Keep open", _EITHER, _N),
)
"""In the order in which the form shows them."""

BY_PATH = {field.path: field for field in FIELDS}
_LISTS = frozenset({"tags"})
_HEADERS = frozenset({"tech_headers", "probe.headers"})
_SECONDS = frozenset({"probe.interval_s", "probe.timeout_s"})
_COUNTS = frozenset({"probe.fall", "probe.rise", "probe.max_forwards"})
_FLAGS = frozenset({"enabled", "probe.enabled", "probe.send_tech_headers", "probe.tls_verify", "probe.reuse"})
_NEEDS_OTHERS = "probe.contact"  # where to say what is wrong with the settings of checks together

Texts = dict[str, str]
"""What stands in the form, by path."""


def texts_of(provider: Provider | None) -> Texts:
    """Give what the form shows for ``provider``; None: a new one."""
    if provider is None:
        return {f.path: {"transport": Transport.UDP.value, "enabled": YES}.get(f.path, "") for f in FIELDS}
    return {field.path: _to_text(_read(provider, field.path)) for field in FIELDS}


def problem(path: str, text: str) -> str | None:
    """Tell what is wrong with ``text`` in the field ``path``, as a sentence; None: nothing."""
    try:
        value = _from_text(path, text)
        _model_of(path).model_validate({_leaf(path): value})
    except ValidationError as error:
        said = sentence_of(BY_PATH[path].label, error)
        return said if error.errors()[0]["loc"] else None  # whether they fit: problems()
    except ValueError as error:
        return f"{BY_PATH[path].label} {error}"
    return None


def problems(texts: Texts) -> dict[str, str]:
    """Tell what is wrong with which field."""
    found = {path: problem(path, text) for path, text in texts.items()}
    wrong = {path: said for path, said in found.items() if said is not None}
    if not any(path.startswith("probe.") for path in wrong):
        try:
            ProbeOverrides.model_validate(_probe(texts))
        except ValidationError as error:
            wrong[_NEEDS_OTHERS] = sentence_of(BY_PATH[_NEEDS_OTHERS].label, error)
    return wrong


def to_create(texts: Texts) -> ProviderCreate:
    """Make the body of a new provider from texts without problems; fields left as they were are not in it."""
    empty = texts_of(None)
    return ProviderCreate.model_validate(_body({p: t for p, t in texts.items() if t != empty[p]}, texts))


def changes(base: Provider, texts: Texts) -> dict[str, Any]:
    """Give the fields, with their new values, in which texts without problems differ from ``base``."""
    before = texts_of(base)
    return _body({path: text for path, text in texts.items() if text.strip() != before[path]}, texts)


def field_of(detail_field: str) -> str | None:
    """Give the path of the form's field that an error detail is about; None when it has none."""
    parts = detail_field.split(".")
    paths = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((path for path in paths if path in BY_PATH), None)


def _body(differing: Mapping[str, str], texts: Texts) -> dict[str, Any]:
    body = {path: _from_text(path, text) for path, text in differing.items() if "." not in path}
    if any(path.startswith("probe.") for path in differing):
        body["probe"] = _probe(texts)
    return body


def _probe(texts: Texts) -> dict[str, Any]:
    """Give the settings of checks that are set; the daemon takes them as a whole."""
    found = {_leaf(path): _from_text(path, text) for path, text in texts.items() if path.startswith("probe.")}
    return {name: value for name, value in found.items() if value is not None}


def _read(provider: Provider, path: str) -> Any:
    value: Any = provider
    for part in path.split("."):
        value = getattr(value, part)
    return value


def _to_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case list():
            return ", ".join(map(clean, value))
        case dict():
            return "\n".join(clean(f"{name}: {content}") for name, content in value.items())
        case float():
            return f"{value:g}"
        case _:
            return clean(str(value))


def _from_text(path: str, text: str) -> Any:
    """Give the value that ``text`` means; ValueError when it means none."""
    text = text.strip()
    if not text and path.startswith("probe."):
        return None
    if path in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if path in _HEADERS:
        return _headers(text)
    if path in _FLAGS:
        return text == YES
    if path in _COUNTS:
        return _number(text, int, "a whole number")
    if path in _SECONDS:
        return _number(text, float, "a number of seconds")
    return text


def _number(text: str, kind: type[int] | type[float], what: str) -> float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"must be {what}, or empty for provd's setting") from None


def _headers(text: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"need a colon after the name, as in X-Account: 42; {line.strip()!r} has none")
        if name.strip() in headers:
            raise ValueError(f"have {name.strip()} twice")
        headers[name.strip()] = value.strip()
    return headers


def _model_of(path: str) -> type[BaseModel]:
    return ProbeOverrides if path.startswith("probe.") else ProviderPatch


def _leaf(path: str) -> str:
    return path.rpartition(".")[2]


def sentence_of(label: str, error: ValidationError) -> str:
    """Tell the first thing that is wrong with the field that is labelled ``label``."""
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{label}: {message}"
    inside = [str(part) for part in first["loc"][1:]]
    if inside:
        place = f"number {int(inside[0]) + 1}" if inside[0].isdigit() else inside[0]
        label = f"{label}, {place}"
    return f"{label} {message}" if message[:1].islower() else f"{label}: {message}"
