"""A store with something in each of its tables, as this version writes it or as an older one did."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from provd.calls.rollup import CallRollup
from provd.carriers.resource import Resource
from provd.schema.events import DaemonEvent, EventType
from provd.schema.test_calls import CallMode, CallOutcome, CallTest
from provd.services.actor import Actor
from provd.services.auditing import audit, revision_now, state_of, subject_of
from provd.store.migrate import alembic_config
from provd.store.tables import (
    AlertChannelRow,
    AlertMemberRow,
    AlertRow,
    AlertRuleRow,
    CallDayRow,
    CallHourRow,
    CallRow,
    CallTestRow,
    CredentialRow,
    DeliveryRow,
    HealthRow,
    IdempotencyRow,
    ProviderRow,
    RouteRow,
    SetupRow,
    SetupStepRow,
    SipLoginRow,
    TransitionRow,
)
from provd.version import __version__
from tests.fakes.measuring import Fleet

AT, LATER = "2026-01-01 00:00:00.000000", "2026-01-02 00:00:00.000000"
PROVIDER, ROUTE, SETUP, ALERT = (f"{number}0000000-0000-4000-8000-000000000000" for number in (1, 2, 3, 4))
SECRET = {"X-Key": "s3cret"}
MINUTES = 150
MARA = Actor(1000, "mara", 77, "admin", "POST", "r-1")

Tables = dict[str, list[dict[str, Any]]]


_MEMBER = AlertMemberRow(
    alert_id=ALERT,
    provider_id=PROVIDER,
    name="Telnyx",
    since=AT,
    value="unhealthy: timeout",
    explanation="No answer within 5 s.",
    next_step="Check it.",
)


def _alerts() -> list[SQLModel]:
    return [
        AlertRow(
            id=ALERT,
            rule="unhealthy",
            metric="health",
            severity="critical",
            channels=["ops"],
            phrase="unhealthy",
            title="Telnyx: unhealthy: timeout",
            state="open",
            total=1,
            failing=1,
            opened_at=AT,
            told_at=AT,
            steps=[{"at": AT, "what": "opened", "by": "", "note": ""}],
        ),
        DeliveryRow(
            alert_id=ALERT,
            channel="ops",
            what="opened",
            severity="critical",
            title="t",
            body="b",
            data="{}",
            state="sent",
            attempts=1,
            next_at=AT,
            tm_create=AT,
            tm_done=LATER,
        ),
        AlertRuleRow(name="slow", spec={"metric": "rtt_p95_ms", "above": 250}, tm_create=AT, tm_update=AT),
        AlertChannelRow(
            name="ops",
            kind="apprise",
            address="E-Mail, mailto://...",
            credential_ref="channel-ref",
            min_severity="info",
            tm_create=AT,
            tm_update=AT,
        ),
        CredentialRow(ref="channel-ref", setup_id="", backend="file", tm_create=AT),
    ]


def _calls() -> list[SQLModel]:
    rollup = CallRollup()
    rollup.add(200, 900.0, 2000.0, 30.0, 4.1, 0.5)
    where = {"provider_id": PROVIDER, "outbound": True, "country": "GB"}
    call = CallRow(
        key=7,
        call_id="c-1",
        at=0.0,
        ended_at=32.0,
        destination="+442071838750",
        code=200,
        codec="PCMU",
        **where,
    )
    data = rollup.encode()
    return [call, CallHourRow(slot=0, data=data, **where), CallDayRow(slot=0, data=data, **where)]


def _test_call() -> CallTestRow:
    result = CallTest(
        id="t-1",
        provider_id=PROVIDER,
        provider="Telnyx",
        by="mara",
        destination="+15550100",
        mode=CallMode.RING,
        outcome=CallOutcome.RINGING,
        tm_create=AT,
        tm_end=LATER,
    )
    return CallTestRow(
        id="t-1",
        provider_id=PROVIDER,
        uid=0,
        outcome="ringing",
        seconds=0.0,
        result=result.model_dump(mode="json"),
        tm_create=AT,
    )


async def fill(path: Path) -> None:
    """Make a store in which each table has a row; one provider was checked once in MINUTES minutes."""
    fleet = Fleet(path)
    step = Resource(step="connection", title="SIP connection", path="/c", item="/c/{self}", body={"a": 1})
    provider = ProviderRow(
        id=PROVIDER,
        name="Telnyx",
        detail="d",
        hostname="192.0.2.1",
        tech_prefix="00",
        tech_postfix="@t.example",
        tech_headers=SECRET,
        carrier_metadata={"k": [1]},
        carrier="telnyx",
        codecs="PCMU",
        transport="tcp",
        tags=["eu"],
        probe={"enabled": False},
        revision=1,
        tm_create=AT,
        tm_update=LATER,
        maintenance_until=None,
    )
    route = RouteRow(
        id=ROUTE,
        customer_id="c",
        name="UK",
        detail="d",
        provider_id=PROVIDER,
        priority=2,
        weight=3,
        target="+44",
        tm_create=AT,
        tm_update=LATER,
    )
    others: list[SQLModel] = [
        HealthRow(
            provider_id=PROVIDER,
            status="healthy",
            cause="ok",
            code=200,
            reason="OK",
            server="s",
            rtt_ms=1.5,
            since=AT,
            checked_at=LATER,
            addresses='[[["192.0.2.1", 5060], 0, 0, "a"]]',
            resolved_at=1.7e9,
        ),
        IdempotencyRow(uid=0, key="k", request_hash="h", answer="{}", at=AT),
        TransitionRow(
            provider_id=PROVIDER,
            at=AT,
            previous="unknown",
            status="healthy",
            cause="ok",
            code=200,
            reason="OK",
            rtt_ms=1.5,
            address="192.0.2.1:5060",
            sent="OPTIONS",
            received="SIP/2.0 200 OK",
        ),
        SetupRow(
            id=SETUP,
            carrier="telnyx",
            name="Telnyx",
            state="done",
            provider_id=PROVIDER,
            draft={"name": "n"},
            by_hand=["call them"],
            credential_ref="ref",
            uid=0,
            by="root",
            tm_create=AT,
            tm_update=LATER,
        ),
        CredentialRow(ref="ref", setup_id=SETUP, backend="file", ends="ab12", tm_create=AT),
        route,
        *_alerts(),
        *_calls(),
        _test_call(),
        SipLoginRow(provider_id=PROVIDER, username="mara", credential_ref="login-ref", tm_update=AT),
        CredentialRow(ref="login-ref", setup_id="", backend="file", tm_create=AT),
    ]
    async with fleet.store.write() as transaction:
        transaction.session.add(provider)
        await transaction.session.flush()
        transaction.session.add_all(others)
        await transaction.session.flush()
        transaction.session.add(_MEMBER)
        transaction.session.add(
            SetupStepRow(
                setup_id=SETUP, number=0, resource=step.model_dump(), state="done", carrier_id="77", note="n"
            )
        )
        for row in (provider, route):
            action = "provider.create" if row is provider else "route.create"
            transaction.revise(revision_now(row, MARA, action))
            audit(transaction, MARA, action, subject_of(row), after=state_of(row))
        started = DaemonEvent(at=AT, version=__version__).model_dump_json()
        transaction.record(EventType.DAEMON_STARTED, AT, None, started)
    target = fleet.watch(PROVIDER, "tcp:192.0.2.1:5060")
    for _ in range(MINUTES):
        fleet.measure(target)
        fleet.now += 60.0
        await fleet.keeper.round(60.0)
    fleet.measure(target)
    await fleet.keeper.round(0.1)
    await fleet.store.close()


def as_of(version: str, filled: Path, path: Path) -> None:
    """Make a store of an older schema, with what a filled one has in the tables and columns that it knew."""
    engine = create_engine(f"sqlite:///{path}")
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.execute(text("PRAGMA foreign_keys=OFF"))
    engine.dispose()
    with closing(sqlite3.connect(path)) as store:
        for table, rows in contents(filled).items():
            known = [column for _, column, *_ in store.execute(f'PRAGMA table_info("{table}")')]
            for row in rows if known and table != "alembic_version" else []:
                columns = ", ".join(f'"{column}"' for column in known)
                places = ", ".join("?" * len(known))
                values = [row[column] for column in known]
                store.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', values)
        store.execute("PRAGMA journal_mode=WAL")  # as the daemon leaves it
        store.commit()


def contents(path: Path) -> Tables:
    """Every row of every table, by column."""
    with closing(sqlite3.connect(path)) as store:
        store.row_factory = sqlite3.Row
        names = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [dict(row) for row in store.execute(f'SELECT * FROM "{name}"')]
            for name in names
            if not name.startswith("sqlite_")
        }
