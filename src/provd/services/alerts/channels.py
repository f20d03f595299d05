"""Where alerts are told: programs of the configuration, the journal, and channels with a secret address."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from provd.notify import apprise, webhook
from provd.notify.apprise import AppriseSender
from provd.notify.base import Note, NotSent, Sender
from provd.notify.command import CommandSender
from provd.notify.journal import JournalSender
from provd.notify.webhook import WebhookSender
from provd.schema.alerts import (
    Channel,
    ChannelList,
    ChannelRequest,
    ChannelTest,
    ChannelWithSecret,
    Severity,
)
from provd.schema.timestamps import NEVER, to_timestamp
from provd.secrets.errors import VaultError
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit
from provd.services.errors import ServiceError, conflict, invalid, not_found
from provd.services.precondition import Precondition
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.refusals import refusing
from provd.store import alerts as stored
from provd.store import deliveries
from provd.store.engine import Store
from provd.store.tables import AlertChannelRow

log = logging.getLogger(__name__)

JOURNAL = "journal"
MAX_CHANNELS = 100
_KIND = "alert channel"
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ConfiguredCommand:
    """A program of the configuration that messages are taken to."""

    run: tuple[str, ...]
    min_severity: Severity
    timeout_s: float


@dataclass(frozen=True, slots=True)
class _Known:
    kind: Literal["apprise", "webhook", "command", "journal"]
    address: str
    min_severity: Severity
    enabled: bool = True
    ref: str = ""
    revision: int = 0
    tm_create: str = NEVER
    tm_update: str = NEVER
    command: ConfiguredCommand | None = None


class ChannelBook:
    """The use cases of channels. ``let_go`` is asked with the name of one that is to be deleted, and raises
    ServiceError when that may not be."""

    def __init__(self, store: Store, keys: KeyKeeper, let_go: Callable[[str], None]) -> None:
        self._store = store
        self._keys = keys
        self._let_go = let_go
        self._configured: dict[str, _Known] = {}
        self._made: dict[str, _Known] = {}
        self._complained: set[str] = set()
        self._changing = asyncio.Lock()

    def load(self) -> None:
        """Read those that were made over the API."""
        self._made = {row.name: _known(row) for row in self._store.read_now(stored.channels)}

    def configure(self, commands: Mapping[str, ConfiguredCommand], *, journal: bool) -> None:
        """Take over the configuration."""
        found = {
            name: _Known("command", each.run[0], each.min_severity, command=each)
            for name, each in commands.items()
        }
        if journal:
            found[JOURNAL] = _Known("journal", "provd's own log", Severity.INFO)
        self._configured = found

    def wanting(self, severity: Severity, only: Collection[str]) -> list[str]:
        """The channels that take a message of this severity; empty ``only`` is all of them, and so is one of
        which none is there and switched on: an alert must not be told to nobody."""
        if only and not any(self.is_on(name) for name in only):
            self._complain(only)
            only = ()
        return [
            name
            for name, each in self._all().items()
            if each.enabled and each.min_severity.rank <= severity.rank and (not only or name in only)
        ]

    def is_on(self, name: str) -> bool:
        """Whether there is such a channel, and it is switched on."""
        known = self._all().get(name)
        return known is not None and known.enabled

    def _complain(self, only: Collection[str]) -> None:
        names = ", ".join(sorted(only))
        if names not in self._complained:
            self._complained.add(names)
            log.warning("a rule names only channels that are not there or off (%s): it is told on all", names)

    def __contains__(self, name: object) -> bool:
        return name in self._made or name in self._configured

    async def send(self, name: str, note: Note) -> None:
        """Send a message on a channel. Raises NotSent, also when there is no such channel, and StoreError."""
        known = self._all().get(name)
        if known is None:
            raise NotSent(f"there is no channel {name} any more")
        await (await self._sender(known)).send(note)

    async def list(self) -> ChannelList:
        """Every channel, by name, and how it does."""
        return ChannelList(result=[await self._shown(name) for name in self._all()])

    async def get(self, name: str) -> Channel:
        """One channel."""
        if name not in self:
            raise no_such_channel(name)
        return await self._shown(name)

    async def put(
        self, name: str, wanted: ChannelRequest, actor: Actor, precondition: Precondition
    ) -> ChannelWithSecret:
        """Make a channel, or change one."""
        self._check_ours(name)
        async with self._changing:
            before = self._made.get(name)
            precondition.check(
                _KIND, 0 if before is None else before.revision, NEVER if before is None else before.tm_update
            )
            if before is None and len(self._made) >= MAX_CHANNELS:
                raise conflict(
                    "TOO_MANY_CHANNELS",
                    f"there are {MAX_CHANNELS} channels already: delete one that nobody needs",
                )
            with refusing():
                credentials, address, made_secret = await self._credentials(before, wanted)
                ref = "" if before is None else before.ref
                if credentials is not None:
                    ref = await self._keys.put("", credentials, "")
            known = await self._write(name, wanted, address, ref, before, actor)
            self._keys.settle(ref)
            if before is not None and before.ref != ref:
                with refusing():
                    await self._keys.discard(before.ref)
            self._made[name] = known
        shown = await self._shown(name)
        return ChannelWithSecret(**shown.model_dump(), secret=made_secret)

    async def delete(self, name: str, actor: Actor, precondition: Precondition) -> Channel:
        """Delete a channel; what waits for it is given up. ServiceError 409 when a rule names it."""
        self._check_ours(name)
        async with self._changing:
            before = self._made.get(name)
            if before is None:
                raise no_such_channel(name)
            precondition.check(_KIND, before.revision, before.tm_update)
            self._let_go(name)
            gone = await self._shown(name)
            now = to_timestamp(time.time())
            async with self._store.write() as transaction:
                row = await transaction.run(stored.channel, name)
                if row is not None:
                    await transaction.session.delete(row)
                await transaction.run(deliveries.give_up, name, "the channel was deleted", now)
                audit(
                    transaction,
                    actor,
                    "alert_channel.delete",
                    Subject(_KIND, name, name),
                    before=_told(before),
                )
            del self._made[name]
            with refusing():
                await self._keys.discard(before.ref)
        return gone

    async def test(self, name: str, actor: Actor) -> ChannelTest:
        """Send a test message now, and tell what became of it."""
        if name not in self:
            raise no_such_channel(name)
        began, error = time.monotonic(), ""
        moment = to_timestamp(time.time())
        note = Note(
            id=f"test-{moment.replace(' ', 'T')}",
            severity=Severity.INFO.value,
            what="test",
            title="[TEST] provd can reach you here",
            body=f"{actor.user} sent this at {moment[:19]} UTC by the channel {name}. Nothing is wrong.",
            data={"test": True},
        )
        try:
            await self.send(name, note)
        except NotSent as problem:
            error = str(problem)
        took_ms = round(1000 * (time.monotonic() - began), 1)
        return ChannelTest(channel=name, sent=not error, error=error, took_ms=took_ms)

    def _all(self) -> dict[str, _Known]:
        return dict(sorted({**self._made, **self._configured}.items()))

    async def _sender(self, known: _Known) -> Sender:
        if known.kind == "journal":
            return JournalSender()
        if known.command is not None:
            return CommandSender(known.command.run, known.command.timeout_s)
        try:
            secret = await self._keys.fetch(known.ref)
        except VaultError as error:
            raise NotSent(f"its address can't be read from the keyring: {error}") from None
        if known.kind == "webhook":
            return WebhookSender(secret["url"], secret["secret"])
        return AppriseSender(secret["url"])

    async def _credentials(
        self, before: _Known | None, wanted: ChannelRequest
    ) -> tuple[dict[str, str] | None, str, str | None]:
        """What goes into the keyring (None: nothing new), what may be shown, and a secret that was made."""
        if wanted.url is None and wanted.secret is None and before is not None:
            if before.kind != wanted.kind:
                raise invalid("url", f"is needed: the one that is there is for {before.kind}")
            return None, before.address, None
        old = {} if before is None or before.kind != wanted.kind else await self._keys.fetch(before.ref)
        url = old.get("url", "") if wanted.url is None else wanted.url.get_secret_value()
        if not url:
            raise invalid("url", "is missing: give the address that messages go to")
        if wanted.kind == "apprise":
            if wanted.secret is not None:
                raise invalid("secret", "is for webhooks alone: leave it out")
            return {"url": url}, await asyncio.to_thread(_checked, "url", apprise.check_url, url), None
        given = old.get("secret") if wanted.secret is None else wanted.secret.get_secret_value()
        secret = webhook.new_secret() if given is None else given
        _checked("secret", webhook.check_secret, secret)
        address = _checked("url", webhook.check_url, url)
        return {"url": url, "secret": secret}, address, None if given is not None else secret

    async def _write(
        self,
        name: str,
        wanted: ChannelRequest,
        address: str,
        ref: str,
        before: _Known | None,
        actor: Actor,
    ) -> _Known:
        now = to_timestamp(time.time())
        row = AlertChannelRow(
            name=name,
            kind=wanted.kind,
            address=address,
            credential_ref=ref,
            min_severity=wanted.min_severity.value,
            enabled=wanted.enabled,
            revision=1 if before is None else before.revision + 1,
            tm_create=now if before is None else before.tm_create,
            tm_update=now,
        )
        known = _known(row)
        async with self._store.write() as transaction:
            await transaction.session.merge(row)
            audit(
                transaction,
                actor,
                "alert_channel.put",
                Subject(_KIND, name, name, row.revision),
                before=None if before is None else _told(before),
                after={**_told(known), "address_changed": before is None or before.ref != ref},
            )
        return known

    async def _shown(self, name: str) -> Channel:
        known = self._all()[name]
        state = await self._store.read(deliveries.state_of, name)
        return Channel(
            name=name,
            kind=known.kind,
            address=known.address,
            min_severity=known.min_severity,
            enabled=known.enabled,
            origin="api" if name in self._made else "config",
            waiting=state.waiting,
            error=state.error,
            last_sent_at=state.last_sent_at,
            revision=known.revision,
            tm_create=known.tm_create,
            tm_update=known.tm_update,
        )

    def _check_ours(self, name: str) -> None:
        if name in self._configured:
            raise conflict(
                "CHANNEL_IS_CONFIGURED",
                f"the channel {name} is of provd's config: change it there under [alerts], and reload",
            )


def _checked(field: str, check: Callable[[str], R], text: str) -> R:
    try:
        return check(text)
    except ValueError as error:
        raise invalid(field, str(error)) from None


def _known(row: AlertChannelRow) -> _Known:
    return _Known(
        kind="webhook" if row.kind == "webhook" else "apprise",
        address=row.address,
        min_severity=Severity(row.min_severity),
        enabled=row.enabled,
        ref=row.credential_ref,
        revision=row.revision,
        tm_create=row.tm_create,
        tm_update=row.tm_update,
    )


def _told(known: _Known) -> dict[str, object]:
    return {
        "kind": known.kind,
        "address": known.address,
        "min_severity": known.min_severity.value,
        "enabled": known.enabled,
    }


def no_such_channel(name: str) -> ServiceError:
    """A 404 for a name that leads to no channel."""
    return not_found("CHANNEL_NOT_FOUND", f"there is no channel {name}: GET /v1.0/alerts/channels lists them")
