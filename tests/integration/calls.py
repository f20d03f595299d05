"""Calls that tests place with the daemon's own caller, without the daemon."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from provd.agent.calling.caller import Caller, Handle
from provd.agent.calling.placing import Placed, Until, Wanted
from provd.probe.resolver import Resolver
from provd.probe.stream.tls import TlsFiles
from provd.routing.dialling import request_uri
from provd.schema.hostname import parse_hostname
from provd.schema.provider import Transport
from provd.sip.digest import Login
from tests.fakes.certificates import Authority

from .peers.callees import PASSWORD, USER

NUMBER = "+15550100"


def wanted(hostname: str, transport: Transport, **how: Any) -> Wanted:
    """A call to a peer that is short enough for a test."""
    plain = Wanted(
        uri=request_uri(NUMBER, hostname, transport.value),
        host=parse_hostname(hostname),
        transport=transport,
        user="provd",
        until=Until.ANSWER,
        user_agent="provd",
        ring_s=1.5,
        talk_s=0.6,
        login=Login(USER, PASSWORD),
    )
    return replace(plain, **how)


@asynccontextmanager
async def calling(authority: Authority | None = None) -> AsyncIterator[Caller]:
    """A caller that trusts ``authority``."""
    made = Caller(Resolver(), TlsFiles(None if authority is None else authority.cert_file))
    try:
        yield made
    finally:
        await made.stop()


async def place(caller: Caller, call: Wanted) -> Placed:
    """Place a call, whatever is told meanwhile."""
    return await caller.place(call, Handle(), lambda _rung: None)
