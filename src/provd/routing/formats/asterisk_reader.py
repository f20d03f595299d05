"""Reading a pjsip.conf: each AOR with a contact is a provider."""

import re
from collections.abc import Iterable, Iterator
from uuid import UUID

from provd.routing.formats.asterisk import CODECS, PREFIX
from provd.routing.formats.base import Found, Problem
from provd.routing.formats.carried import Joining, made_id
from provd.routing.formats.sip_uri import read_place

_SECTION = re.compile(r"\[([^\]]+)\](\(.*\))?")
_OPTION = re.compile(r"([^=]+?)\s*=>?\s*(.*)")
_COMMENT = re.compile(r"(?<!\\);")
_BLOCK_END = "--;"
_CODECS = {theirs: ours for ours, theirs in CODECS.items()}
_CARRIED = {
    "aor": frozenset({"type", "contact"}),
    "endpoint": frozenset({"type", "aors", "disallow", "allow", "context"}),
}
_MANY = 10_000  # endpoints whose codecs are kept for their AORs


class AsteriskReader:
    """Reads a pjsip.conf, of ours or not. Templates and #include are not followed."""

    def __init__(self) -> None:
        self._joining = Joining()
        self._in_block = False
        self._at = 0
        self._name = ""
        self._options: list[tuple[str, str]] = []
        self._codecs: dict[str, str] = {}

    def feed(self, number: int, text: str) -> Iterator[Found]:
        """Take a line."""
        text = text.strip()
        if self._in_block:
            _, end, text = text.partition(_BLOCK_END)
            self._in_block = not end
        if text.startswith(";--") and not text.startswith(";---"):
            self._in_block = _BLOCK_END not in text[3:]
            return
        if text.startswith(";"):
            if "provd" in text[:8]:
                yield from self._end_section()
            yield from self._joining.comment(number, text[1:])
            return
        text = _COMMENT.split(text, maxsplit=1)[0].strip().replace("\\;", ";")
        section = _SECTION.fullmatch(text)
        option = _OPTION.fullmatch(text)
        if section:
            yield from self._end_section()
            self._at, self._name = number, section[1]
            if section[2]:
                yield Problem(number, f"has the template {section[2][:64]!r}: not followed", left_out=False)
        elif text.startswith("#"):
            yield Problem(number, "is a directive: not followed, give the file itself", left_out=False)
        elif option and self._name:
            self._options.append((option[1].lower(), option[2]))
        elif text:
            yield Problem(number, "is neither a [section] nor an option = value in one")

    def close(self) -> Iterator[Found]:
        """Give the last."""
        yield from self._end_section()
        yield from self._joining.flush()

    def _end_section(self) -> Iterator[Found]:
        if not self._name:
            return
        name, line, options = self._name, self._at, self._options
        self._name, self._options = "", []
        kind = next((value for option, value in options if option == "type"), "")
        if kind == "endpoint":
            self._endpoint(options)
        elif kind == "aor":
            yield from self._aor(line, name, options)
        else:
            yield Problem(line, f"is a section of the type {kind[:32]!r}: not carried over", left_out=False)
            return
        lost = sorted({option[:64] for option, _ in options} - _CARRIED[kind])
        if lost:
            yield Problem(line, f"has {', '.join(lost[:20])}: not carried over", left_out=False)

    def _endpoint(self, options: Iterable[tuple[str, str]]) -> None:
        allowed = [
            codec.strip() for option, value in options if option == "allow" for codec in value.split(",")
        ]
        codecs = ",".join(_CODECS[codec] for codec in allowed if codec in _CODECS)
        for aor in (value for option, value in options if option == "aors"):
            if len(self._codecs) < _MANY:
                self._codecs[aor] = codecs

    def _aor(self, line: int, name: str, options: Iterable[tuple[str, str]]) -> Iterator[Found]:
        contacts = [value for option, value in options if option == "contact"]
        if not contacts:
            yield Problem(line, "is an AOR without a contact: phones register at it", left_out=False)
            return
        try:
            place = read_place(contacts[0])
        except ValueError as error:
            yield Problem(line, str(error))
            return
        codecs = self._codecs.pop(name, "")
        try:
            key = str(UUID(name.removeprefix(PREFIX)))
            more = {}
        except ValueError:
            key = made_id("asterisk", name)
            more = {"codecs": codecs} if codecs else {}
        yield from self._joining.entry(line, key, {**place.fields, **more, "enabled": True}, name[:255])
        lost = [*place.lost, *(["its further contacts"] if len(contacts) > 1 else [])]
        if lost:
            yield Problem(line, f"has {', '.join(lost)}: not carried over", left_out=False)
