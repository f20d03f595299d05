"""Where calls are sent that the redirect server is asked about: chosen from memory, and told afterwards."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from random import Random

from provd.agent.redirect.choice import Call, Choice
from provd.agent.redirect.contact import (
    MAX_CONTACTS,
    MAX_CONTACTS_SIZE,
    ContactForm,
    contact_form,
    escaped_user,
)
from provd.routing.number import parse_number
from provd.routing.table import Route
from provd.schema.events import EventType
from provd.schema.redirect import CallRedirected, Redirect, RedirectAttempt, RedirectList
from provd.schema.route import DEFAULT_CUSTOMER
from provd.schema.timestamps import to_timestamp
from provd.services.hub import EventHub
from provd.services.routing.book import RouteBook, Standing
from provd.services.routing.told import skipped, tried_fields
from provd.store.errors import StoreError
from provd.store.tables import ProviderRow

log = logging.getLogger(__name__)

KEPT = 200
ANNOUNCED_AT_ONCE = 20
ANNOUNCE_EVERY_S = 0.25
RETRY_AFTER_S = 5
_CUSTOMERS = (DEFAULT_CUSTOMER,)
_MAX_CANDIDATES = 1000
_MAX_SKIPPED = 50
_MAX_FORMS = 10_000
_NO_ROUTE = "no route is for this number"
_NOBODY = "no provider with a route for this number can be used now"
_LAST_RESORT = "every provider with a route for this number is unhealthy: they are tried all the same"
_STORE_FAILS = "the store can't be read, so no provider could be chosen"

_Candidate = tuple[Route, Standing]


@dataclass(frozen=True, slots=True)
class _Decision:
    """A choice with its reasoning, to be written out when somebody looks."""

    at: float
    call: Call
    number: str
    choice: Choice
    tried: list[_Candidate]
    passed: list[_Candidate]


class RedirectService:
    """Chooses, keeps the latest KEPT choices, and announces them while it runs. ``uri_headers``: Contacts
    have the tech headers of their provider. ``clock`` is in seconds since 1970."""

    def __init__(
        self,
        book: RouteBook,
        hub: EventHub,
        *,
        uri_headers: bool,
        random: Random | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._book = book
        self._hub = hub
        self._uri_headers = uri_headers
        self._random = random or Random()  # noqa: S311 - it shares calls out, and hides nothing
        self._clock = clock
        self._forms: dict[str, tuple[ProviderRow, ContactForm]] = {}
        self._latest: deque[_Decision] = deque(maxlen=KEPT)
        self._news: deque[_Decision] = deque(maxlen=ANNOUNCED_AT_ONCE)
        self._left_out = 0

    def choose(self, call: Call) -> Choice:
        """The answer to a call: 302 with whom to try, 404 when it has no number or no route is for it, 503
        when nobody with a route can be used."""
        tried: list[_Candidate] = []
        passed: list[_Candidate] = []
        number = ""
        try:
            number = parse_number(call.uri)
        except ValueError as error:
            choice = Choice(404, why=f"the Request-URI {error}")
        else:
            choice = self._choice(call, number, tried, passed)
            del passed[_MAX_SKIPPED:]
        self._note(_Decision(self._clock(), call, number, choice, tried, passed))
        return choice

    def latest(self) -> RedirectList:
        """The latest choices, newest first."""
        return RedirectList(result=[_shown(each) for each in reversed(self._latest)])

    async def run(self) -> None:
        """Announce choices a few times a second, until cancelled."""
        while True:
            await asyncio.sleep(ANNOUNCE_EVERY_S)
            self.announce()

    def announce(self) -> None:
        """Announce what was chosen since the last time, if anybody listens."""
        news, left_out = list(self._news), self._left_out
        self._news.clear()
        self._left_out = 0
        if news and len(self._hub):
            event = CallRedirected(redirects=[_shown(each) for each in news], left_out=left_out)
            self._hub.publish_to_all(EventType.CALL_REDIRECTED, event.model_dump_json())

    def _choice(self, call: Call, number: str, tried: list[_Candidate], passed: list[_Candidate]) -> Choice:
        """The choice for a number; ``tried`` and ``passed``, empty before, then say how it came about."""
        user = escaped_user(number)
        candidates = self._book.table.candidates(number, _CUSTOMERS, self._random)
        try:
            for route in islice(candidates, _MAX_CANDIDATES):
                standing = self._standing(route, user, call.uri)
                if standing is not None:
                    (passed if standing.reason else tried).append((route, standing))
                if len(tried) == MAX_CONTACTS:
                    break
        except StoreError as error:
            log.error("a call could not be redirected: %s", error)
            tried.clear()
            return Choice(503, why=_STORE_FAILS, retry_after_s=RETRY_AFTER_S)
        if not tried:
            tried += [each for each in passed if each[1].reason == "unhealthy"][:MAX_CONTACTS]
            passed[:] = [each for each in passed if each[1].reason != "unhealthy"]
        contacts = self._contacts(user, tried, passed)
        if contacts:
            return Choice(302, contacts, _LAST_RESORT if tried[0][1].reason else "")
        if passed:
            return Choice(503, why=_NOBODY, retry_after_s=RETRY_AFTER_S)
        return Choice(404, why=_NO_ROUTE)

    def _standing(self, route: Route, user: str, uri: str) -> Standing | None:
        """How a route's provider stands; one that the call came to itself is not to be tried."""
        standing = self._book.standing(route.provider_id)
        if standing is None:
            return None
        row = standing.row
        if self._form(row).uri(user).partition(";")[0] != uri.partition(";")[0]:
            return standing
        return Standing(row, standing.status, "loop", f"{row.name} is where the call came to")

    def _contacts(self, user: str, tried: list[_Candidate], passed: list[_Candidate]) -> tuple[str, ...]:
        """The Contacts of those that are tried; one for which there is no room is passed over."""
        contacts: list[str] = []
        fitting: list[_Candidate] = []
        room = MAX_CONTACTS_SIZE
        for route, standing in tried:
            row = standing.row
            contact = self._form(row).contact(user, len(contacts))
            if len(contact) > room:
                why = f"the headers of {row.name} are too long for the Contacts of one answer"
                passed.append((route, Standing(row, standing.status, "too_long", why)))
                continue
            room -= len(contact)
            contacts.append(contact)
            fitting.append((route, standing))
        tried[:] = fitting
        return tuple(contacts)

    def _form(self, row: ProviderRow) -> ContactForm:
        """How a provider is called, as its record says now: a changed record is another object."""
        known = self._forms.get(row.id)
        if known is not None and known[0] is row:
            return known[1]
        form = contact_form(
            hostname=row.hostname,
            transport=row.transport,
            prefix=row.tech_prefix,
            postfix=row.tech_postfix,
            headers=row.tech_headers if self._uri_headers else {},
        )
        if len(self._forms) >= _MAX_FORMS:
            self._forms.clear()
        self._forms[row.id] = (row, form)
        return form

    def _note(self, decision: _Decision) -> None:
        self._latest.append(decision)
        if len(self._news) == ANNOUNCED_AT_ONCE:
            self._left_out += 1
        self._news.append(decision)


def _shown(decision: _Decision) -> Redirect:
    call, choice = decision.call, decision.choice
    host, port = call.source[0], call.source[1]
    return Redirect(
        at=to_timestamp(decision.at),
        source=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        transport=call.transport,
        call_id=call.call_id,
        caller=call.caller,
        destination=call.uri,
        number=decision.number,
        code=choice.code,
        attempts=[
            _attempt(*each, contact) for each, contact in zip(decision.tried, choice.contacts, strict=True)
        ],
        skipped=[skipped(*each) for each in decision.passed],
        message=choice.why,
    )


def _attempt(route: Route, standing: Standing, contact: str) -> RedirectAttempt:
    return RedirectAttempt(
        **tried_fields(route, standing, last_resort=standing.reason == "unhealthy"),
        uri=contact[1 : contact.rindex(">")].partition("?")[0],
    )
