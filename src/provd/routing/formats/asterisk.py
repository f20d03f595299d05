"""Asterisk's ``pjsip.conf``: an endpoint and an AOR with a contact for each provider.

It is read as config.c reads it: ``;`` begins a comment unless a backslash is before it, ``;--`` a longer one,
``#`` at the beginning of a line a directive, lines are at most 8,191 bytes. All that is written outside
comments is made of ids, checked hostnames and codec names, so nothing needs quotes. A provider that is
disabled has no sections. The rest of a provider and the routes are in comments.
"""

from collections.abc import Sequence
from uuid import UUID

from provd.routing.formats.base import Record
from provd.routing.formats.carried import comments, version_line, words
from provd.routing.formats.sip_uri import place_uri

PREFIX = "provd-"
CODECS = {
    "PCMU": "ulaw",
    "PCMA": "alaw",
    "G722": "g722",
    "G723": "g723",
    "G726-32": "g726",
    "G729": "g729",
    "GSM": "gsm",
    "ILBC": "ilbc",
    "OPUS": "opus",
    "SPEEX": "speex",
    "AMR": "amr",
    "AMR-WB": "amrwb",
}
"""Asterisk's names by those of SDP, in upper case."""

_OPENING = f"""\
; {version_line()}
; Providers of provd for Asterisk's res_pjsip: #include this. Calls: Dial(PJSIP/NUMBER@provd-ID).
; Asterisk takes a transport of the kind that the contact names: there must be one. Incoming calls need an
; identify section of your own. Not for Asterisk: prefixes, postfixes, headers (PJSIP_HEADER in the dialplan),
; routes and how providers are checked. They are in the comments "provd:", for provd's own import.
"""


class AsteriskWriter:
    """Writes a pjsip.conf."""

    def opening(self, note: str = "") -> str:
        """Say what it is, and what of providers it has not."""
        return _OPENING + (f"; {words(note)}\n" if note else "")

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a provider's sections, after its name and its record."""
        name = f"{PREFIX}{UUID(provider['id'])}"
        lines = [
            "",
            f"; provider {words(provider['name'], 255)}",
            *(f"; {line}" for line in comments(provider)),
        ]
        lines += [f"; not carried: {missing}" for missing in _not_for_asterisk(provider)]
        if provider["enabled"]:
            contact = place_uri(provider).replace(";", "\\;")
            lines += [f"[{name}]", "type=endpoint", "context=from-provd", f"aors={name}", "disallow=all"]
            lines += [f"allow={codec}" for codec in asterisk_codecs(provider["codecs"]) or ["ulaw,alaw"]]
            lines += [f"[{name}]", "type=aor", f"contact={contact}"]
        else:
            lines.append("; disabled in provd: no sections")
        return "\n".join(lines) + "\n"

    def between(self) -> str:
        """Give an empty line."""
        return "\n"

    def route(self, route: Record) -> str:
        """Give a route as a comment: in Asterisk the dialplan decides."""
        return "".join(f"; {line}\n" for line in comments(route))

    def closing(self) -> str:
        """Give nothing."""
        return ""


def asterisk_codecs(codecs: str) -> list[str]:
    """Give Asterisk's names of a list of SDP encoding names, as far as it has them."""
    return [CODECS[name.upper()] for name in codecs.split(",") if name.upper() in CODECS]


def _not_for_asterisk(provider: Record) -> list[str]:
    missing = [name for name in ("tech_prefix", "tech_postfix", "tech_headers") if provider[name]]
    codecs = provider["codecs"].split(",") if provider["codecs"] else []
    unknown = [words(name, 64) for name in codecs if name.upper() not in CODECS]
    return missing + ([f"codecs that Asterisk has no name for: {', '.join(unknown)}"] if unknown else [])
