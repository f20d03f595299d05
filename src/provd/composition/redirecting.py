"""The redirect server."""

import os
from dataclasses import dataclass

from provd.agent.redirect.address import parse_listen_address
from provd.agent.redirect.allow import AllowList
from provd.agent.redirect.listeners import Listeners
from provd.agent.redirect.redirect import Redirector
from provd.composition.base import Base
from provd.composition.records import Records
from provd.config import Config
from provd.services.redirects import RedirectService


@dataclass(frozen=True, slots=True)
class Redirecting:
    """``listeners`` hear who is ``allowed``, ``redirector`` answers, and ``service`` decides."""

    service: RedirectService
    allowed: AllowList
    redirector: Redirector
    listeners: Listeners


def compose_redirecting(config: Config, base: Base, records: Records) -> Redirecting:
    """Build them."""
    section = config.redirect
    service = RedirectService(records.book, base.hub, uri_headers=section.uri_headers)
    allowed = AllowList(section.allow)
    redirector = Redirector(service.choose, allowed, config.probe.user_agent, os.urandom(16))
    listeners = Listeners([parse_listen_address(text) for text in section.listen], redirector)
    return Redirecting(service=service, allowed=allowed, redirector=redirector, listeners=listeners)
