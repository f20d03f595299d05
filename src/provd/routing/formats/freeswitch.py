"""FreeSWITCH's gateways of mod_sofia, as XML.

FreeSWITCH works on the text before it reads XML: it puts variables in place of ``$${``, follows
``<X-PRE-PROCESS`` and ``<!--#``, and drops lines with ``<?`` or ``<include>``. So in values all but letters,
digits and a few signs are character references, and ``<include>`` stands alone. Headers are variables of the
gateway; one whose value has ``${``, which FreeSWITCH may take for a variable of the call, is left to the
comment. A provider that is disabled has no gateway. The rest of a provider and the routes are in comments.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from provd.routing.formats.base import Record
from provd.routing.formats.carried import comments, version_line, words
from provd.schema.hostname import parse_hostname

PREFIX = "provd-"
_PLAIN = re.compile(r"[^A-Za-z0-9_.:@\[\]/+*()=,]")
_OPENING = f"""\
<!-- {version_line()} -->
<!-- Gateways of provd for a profile of mod_sofia. Calls: sofia/gateway/provd-ID/NUMBER. -->
<!-- A profile without TLS stops reading at the first gateway that has it. -->
<!-- Not for FreeSWITCH: postfixes, codecs, routes and how providers are checked. -->
<!-- They are in the comments with "provd:", for provd's own import. -->
<include>
"""


class FreeswitchWriter:
    """Writes gateways."""

    def opening(self, note: str = "") -> str:
        """Say what it is, and what of providers it has not."""
        return (f"<!-- {words(note)} -->\n" if note else "") + _OPENING

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a provider's gateway, after its record."""
        lines = [f"<!-- {line} -->" for line in comments(provider)]
        if provider["enabled"]:
            params = {
                "proxy": str(parse_hostname(provider["hostname"])),
                "register": "false",
                "register-transport": provider["transport"],
                "caller-id-in-from": "true",
            }
            if provider["tech_prefix"]:
                params["destination-prefix"] = provider["tech_prefix"]
            lines.append(f'<gateway name="{PREFIX}{UUID(provider["id"])}">')
            lines += [f'  <param name="{name}" value="{quoted(value)}"/>' for name, value in params.items()]
            lines += _variables(provider["tech_headers"])
            lines.append("</gateway>")
        else:
            lines.append("<!-- disabled in provd: no gateway -->")
        return "\n".join(lines) + "\n"

    def between(self) -> str:
        """Give nothing."""
        return ""

    def route(self, route: Record) -> str:
        """Give a route as a comment: in FreeSWITCH the dialplan decides."""
        return "".join(f"<!-- {line} -->\n" for line in comments(route))

    def closing(self) -> str:
        """Close what is open."""
        return "</include>\n"


def quoted(text: str) -> str:
    """Give text as the value of an attribute, in which nothing means anything to FreeSWITCH."""
    return _PLAIN.sub(lambda match: f"&#{ord(match[0])};", text)


def carries(value: str) -> bool:
    """Whether a header's value can be a variable's."""
    return "${" not in value


def _variables(headers: Record) -> list[str]:
    lines = ["  <variables>"]
    for name, value in headers.items():
        if carries(value):
            variable = f'name="sip_h_{quoted(name)}" value="{quoted(value)}"'
            lines.append(f'    <variable {variable} direction="outbound"/>')
        else:
            lines.append(
                "    <!-- not carried: a header whose value FreeSWITCH would take for a variable -->"
            )
    return [*lines, "  </variables>"] if headers else []
