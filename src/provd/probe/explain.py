"""What a cause or a SIP status code means to an operator, and what to do next."""

from dataclasses import dataclass

from provd.schema.health import Cause


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence that says what is, and one that says what to do; the second is None when nothing is."""

    explanation: str
    next_step: str | None = None


NOT_CHECKED_YET = Words("Not checked yet.")
DISABLED = Words("Disabled: it is not checked.")
UPLINK_SUSPECT = Words(
    "Providers fail one after the other and none answers: our own connection is suspected.",
    "Check this machine's network first: its link, its default route, its firewall.",
)
PROBING_OFF = Words("Checks are switched off for this provider.")

_CAUSES = {
    Cause.TIMEOUT: Words(
        "No answer within {timeout}.",
        "The packets are lost or dropped. Check the carrier's status page, our firewall, and that our IP is "
        "on the carrier's allow-list: some drop unknown sources in silence.",
    ),
    Cause.REFUSED: Words(
        "The host is there, but refuses: nothing seems to listen on that port.",
        "Check the port, and whether the carrier's SIP service runs.",
    ),
    Cause.UNREACHABLE: Words(
        "The network says that the host can't be reached.",
        "Check routing and the VPN or link towards the carrier.",
    ),
    Cause.DNS_NXDOMAIN: Words("The name does not exist in DNS.", "Check the hostname's spelling."),
    Cause.DNS_TIMEOUT: Words(
        "The DNS servers did not answer in time.", "Check [dns] nameservers or /etc/resolv.conf."
    ),
    Cause.DNS_ERROR: Words(
        "DNS has no usable address for the name.", "Look the name up with dig, and check the DNS servers."
    ),
    Cause.REPLY_EXCLUDED: Words(
        "{code}: the carrier answers, but the code policy of this provider counts that as down.",
        "Change probe.codes if this answer is good enough, or take it up with the carrier.",
    ),
    Cause.TLS_VERIFY: Words(
        "The certificate can't be trusted.",
        "Compare its names and dates with the hostname. A carrier with its own CA needs [tls] ca_file, "
        "another name in the certificate probe.tls_sni.",
    ),
    Cause.TLS_ERROR: Words(
        "TLS could not be agreed on.",
        "Check that the port speaks TLS, and whether the carrier wants a client certificate "
        "([tls] cert_file).",
    ),
    Cause.PROTOCOL: Words(
        "Something answers, but not in SIP.", "Check the port: another service seems to listen there."
    ),
    Cause.LOCAL: Words(
        "The check could not be sent from here; this says nothing about the carrier.",
        "Check this machine's network, routes and limits.",
    ),
}

_SAYS_MORE = frozenset(Cause) - {Cause.DNS_NXDOMAIN, Cause.REPLY_EXCLUDED}

_CODES = {
    200: Words("The carrier answers."),
    401: Words("The carrier answers and asks for a login. The path works."),
    403: Words(
        "The carrier answers but refuses us. The path works.", "Check that our IP is on its allow-list."
    ),
    404: Words("The carrier answers; it does not know the address that the check asked for. The path works."),
    405: Words("The carrier answers; it does not allow OPTIONS. The path works."),
    407: Words("The carrier answers and asks for a login. The path works."),
    408: Words(
        "The carrier's proxy answers, but what is behind it does not.",
        "Tell the carrier: its proxy gives 408.",
    ),
    480: Words("The carrier answers: temporarily unavailable. The path works."),
    483: Words("The carrier answers: too many hops.", "A routing loop at the carrier is likely: tell them."),
    500: Words("The carrier answers with an internal error.", "Check the carrier's status page."),
    501: Words("The carrier answers; it does not know OPTIONS. The path works."),
    502: Words("The carrier's proxy answers: bad gateway.", "Check the carrier's status page."),
    503: Words(
        "The carrier answers, but says that it can't take calls now.",
        "Route elsewhere for now, and check the carrier's status page.",
    ),
    504: Words(
        "The carrier's proxy answers: a server behind it is too slow.", "Check the carrier's status page."
    ),
}

_CLASSES = {
    1: Words("The carrier answers, but never finally: only a provisional response came."),
    2: Words("The carrier answers."),
    3: Words("The carrier answers and points elsewhere.", "Ask the carrier which address to use."),
    4: Words("The carrier answers; it declines the check. The path works."),
    5: Words("The carrier answers with a server error.", "Check the carrier's status page."),
    6: Words("The carrier answers; it declines everywhere. The path works."),
}


def explain(cause: Cause, code: int | None, reason: str | None, *, timeout_s: float) -> Words:
    """Put a result into words. ``reason`` is the peer's phrase, or without a code our system's message."""
    if cause is not Cause.OK or code is None:
        words = _CAUSES.get(cause, NOT_CHECKED_YET)
        said = words.explanation.format(timeout=f"{timeout_s:g} s", code=code)
        if cause in _SAYS_MORE and reason:
            said = f"{said.rstrip('.')} ({reason})."
        return Words(said, words.next_step)
    words = _CODES.get(code) or _CLASSES[code // 100]
    if code == 200:
        return words
    return Words(f"{code}: {words.explanation}", words.next_step)
