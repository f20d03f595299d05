"""Asking DNS one question, through dnspython."""

import asyncio
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from provd.probe.hosts_file import HOSTS_FILE, addresses_from_hosts
from provd.probe.naming.answers import Answer, Kind, Naptr, Outcome, Question, Record, Srv
from provd.schema.hostname import parse_hostname

RESOLV_CONF = Path("/etc/resolv.conf")
_AT_ONCE = 128  # each has a socket, and the limit of open files is often 1024
_SERVERS_TOLD = 3


class DnsClient:
    """Asks ``nameservers`` (``address`` or ``address:port``); when empty, as the system would.

    That is: the addresses of ``hosts_file`` first, then the servers of ``resolv_conf``. Both are read again
    when they have changed. Raises ValueError for a nameserver that is no address.
    """

    def __init__(
        self,
        nameservers: Sequence[str] = (),
        *,
        hosts_file: Path = HOSTS_FILE,
        resolv_conf: Path = RESOLV_CONF,
    ) -> None:
        self._asks_system = not nameservers
        self._hosts_file = hosts_file
        self._resolv_conf = resolv_conf
        self._changed: int | None = None
        self._stub: dns.asyncresolver.Resolver | None = None
        self._trouble = f"{resolv_conf} can't be read"
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        if nameservers:
            hosts = [parse_hostname(text) for text in nameservers]
            self._stub = dns.asyncresolver.Resolver(configure=False)
            self._stub.nameservers = [
                dns.nameserver.Do53Nameserver(each.host, each.port or 53) for each in hosts
            ]

    def known_addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name for which DNS is not asked."""
        return addresses_from_hosts(name, self._hosts_file) if self._asks_system else ()

    async def ask(self, question: Question, deadline: float) -> Answer:
        """Ask until ``deadline``, a time of the running loop. Never raises for what DNS does."""
        if self._asks_system:
            if known := self._known(question):
                return known
            self._read_resolv_conf()
        if self._stub is None:
            reason = f"no DNS server is known: {self._trouble}"
            return Answer(question, Outcome.FAILED, reason=reason)
        try:
            async with asyncio.timeout_at(deadline), self._at_once:
                found = await _resolve(copy(self._stub), question, deadline)
        except dns.resolver.NXDOMAIN as error:
            return _no_name(question, error)
        except (dns.name.NameTooLong, dns.name.LabelTooLong):
            reason = f"{question.name} is longer than a name in DNS can be"
            return Answer(question, Outcome.NO_NAME, reason=reason)
        except (TimeoutError, dns.exception.Timeout):
            reason = f"no DNS server answered in time when asked for {question}"
            return Answer(question, Outcome.NO_ANSWER, reason=reason)
        except dns.resolver.NoNameservers as error:
            reason = f"asked for {question}, {_what_servers_said(error)}"
            return Answer(question, Outcome.FAILED, reason=reason)
        except (dns.exception.DNSException, OSError) as error:
            return Answer(question, Outcome.FAILED, reason=f"asked for {question}, DNS failed: {error}")
        return _found(question, found)

    def _known(self, question: Question) -> Answer | None:
        if question.kind not in (Kind.A, Kind.AAAA):
            return None
        known = self.known_addresses(question.name)
        family = tuple(address for address in known if (":" in address) == (question.kind is Kind.AAAA))
        if family:
            return Answer(question, Outcome.FOUND, family)  # without a TTL: the file may change
        return Answer(question, Outcome.NO_RECORD) if known else None

    def _read_resolv_conf(self) -> None:
        try:
            changed = self._resolv_conf.stat().st_mtime_ns
        except OSError:
            return
        if changed == self._changed:
            return
        try:
            self._stub = dns.asyncresolver.Resolver(str(self._resolv_conf))
            self._changed = changed
        except (dns.exception.DNSException, OSError, ValueError) as error:
            self._stub, self._changed, self._trouble = None, None, f"{self._resolv_conf}: {error}"


async def _resolve(
    stub: dns.asyncresolver.Resolver, question: Question, deadline: float
) -> dns.resolver.Answer:
    remaining = deadline - asyncio.get_running_loop().time()
    # a lost packet or a dead server must leave time for another try
    stub.timeout = min(stub.timeout, remaining / (len(stub.nameservers) + 1))
    return await stub.resolve(
        question.name, question.kind.value, lifetime=remaining, search=False, raise_on_no_answer=False
    )


def _found(question: Question, found: dns.resolver.Answer) -> Answer:
    if found.rrset is None:
        reason = f"no {question.kind} record for {question.name}"
        return Answer(question, Outcome.NO_RECORD, ttl_s=_negative_ttl(found.response), reason=reason)
    records = tuple(_record(question.kind, data) for data in found.rrset)
    return Answer(question, Outcome.FOUND, records, float(found.chaining_result.minimum_ttl))


def _record(kind: Kind, data: Any) -> Record:
    if kind is Kind.SRV:
        return Srv(data.priority, data.weight, data.port, _text(data.target))
    if kind is Kind.NAPTR:
        flags, service, regexp = (
            text.decode("ascii", "replace") for text in (data.flags, data.service, data.regexp)
        )
        return Naptr(data.order, data.preference, flags, service, regexp, _text(data.replacement))
    return str(data.address)


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _no_name(question: Question, error: dns.resolver.NXDOMAIN) -> Answer:
    response: dns.message.QueryMessage
    (response,) = error.kwargs["responses"].values()
    chain = response.resolve_chaining()
    missing = _text(chain.canonical_name)
    reason = f"{question.name} does not exist"
    if chain.cnames:
        reason = f"{question.name} is an alias of {missing}, which does not exist"
    return Answer(question, Outcome.NO_NAME, ttl_s=_negative_ttl(response), reason=reason)


def _negative_ttl(response: dns.message.QueryMessage) -> float:
    """How long it holds that there is nothing (RFC 2308 section 5); 0 when the answer has no SOA."""
    has_soa = any(records.rdtype == dns.rdatatype.SOA for records in response.authority)
    return float(response.resolve_chaining().minimum_ttl) if has_soa else 0.0


def _what_servers_said(error: dns.resolver.NoNameservers) -> str:
    said = []
    for server, _, _, what, _ in error.kwargs["errors"]:
        address, _, port = str(server).removeprefix("Do53:").rpartition("@")
        where = address if port == "53" else f"{address} port {port}"
        said.append(f"{where} {_in_words(what)}")
    return "; ".join(list(dict.fromkeys(said))[:_SERVERS_TOLD]) or "no DNS server gave an answer"


def _in_words(what: Exception | str) -> str:
    if isinstance(what, str):
        return f"answered {what}"
    if isinstance(what, dns.message.ChainTooLong):
        return "answered with an endless chain of aliases (CNAME)"
    if isinstance(what, OSError):
        return f"could not be asked ({what.strerror or what})"
    return f"gave an answer that can't be used ({what})"
