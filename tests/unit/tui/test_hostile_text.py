"""Whatever providers, peers, carriers and people say: each screen, tab and dialog shows it as text."""

import unicodedata
from collections.abc import Mapping

import pytest
from rich.cells import cell_len

from provd.schema.alerts import DeliveryState
from provd.schema.audit import AuditEntry
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.test_calls import CallOutcome
from provd.schema.timestamps import NEVER, to_timestamp
from provtui.commands import SCREENS, TABS, Place
from tests.fakes.fake_alerts import a_channel, a_delivery, a_rule, alerted, an_alert
from tests.fakes.fake_audit import a_revision, an_entry
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider
from tests.fakes.fake_routes import a_route
from tests.fakes.fake_setups import a_setup
from tests.fakes.fake_test_calls import a_test_call
from tests.unit.tui.driving import Driver, running
from tests.unit.tui.test_commands import HANDLED_BY
from tests.unit.tui.test_help_keys import OPENING

HOSTILE = (
    "Evil\x1b[31m\x1b]0;owned\x07\x9b2J[bold red][@click=app.quit]\r\n\u202eflow\u2066\u200f東京\u200b\u2028"
    "z\u0301\u0301\u0301\u0301\u0301👩\u200d💻"
)
LONG = HOSTILE + "長x" * 5000

DIALOGS: Mapping[Place, tuple[str, ...]] = {
    Place.HELP: ("question_mark",),
    Place.LINE: ("colon", *"provider ev"),
    Place.FORM: ("e",),
    Place.RAW: ("E",),
    Place.DELETE: ("d",),
    Place.MAINTENANCE: ("m",),
    Place.LIFT: ("down", "m"),
    Place.BULK: ("M", "c"),
    Place.BULK_DONE: ("M", "c", "enter"),
    Place.REPORT: ("colon", *"redirects", "enter"),
    Place.SETUPS: ("s",),
    Place.SETUP_CARRIER: ("n",),
    Place.SETUP_KEY: ("n", "enter"),
    Place.ROUTE_FORM: ("2", "e"),
    Place.DELETE_ROUTE: ("2", "d"),
    Place.MATRIX: ("2", "w"),
    Place.ROUTE_REVISIONS: ("2", "b"),
    Place.RESOLVE: ("2", "n", *"+442071838750", "enter"),
    Place.ENTRY: ("5", "enter"),
    Place.UNDO: ("5", "u"),
    Place.RESTORE: ("down", "enter", "b", "down", "enter"),
    Place.ALERT: ("3", "enter"),
    Place.ACKNOWLEDGE: ("3", "a"),
    Place.RULES: ("3", "R"),
    Place.RULE_FORM: ("3", "R", "enter"),
    Place.CHANNELS: ("3", "C"),
    Place.CHANNEL_FORM: ("3", "C", "enter"),
    Place.DELETE_RECORD: ("3", "C", "d"),
    Place.TEST_CALL: ("enter", "i"),
    Place.SIP_LOGIN: ("enter", "colon", *"sip-login", "enter"),
}
EMPTY = (Place.WELCOME, Place.NO_ROUTES)  # which show nothing of others
SHOWN_ELSEWHERE = {
    Place.CONFLICT: "test_provider_form, test_route_form and test_three_way",
    Place.IMPORT: "test_line",
    Place.NEW_KEY: "test_trunks",
    Place.REMOVED: "test_trunks",
    Place.BULK_RUN: "test_marks: between BULK and BULK_DONE, with the words of both",
    Place.SETUP_TRUNK: "test_schema_form: drawn as SETUP_KEY is",
    Place.SETUP_PLAN: "test_panels",
    Place.SETUP_RUN: "test_panels",
    Place.SETUP_DONE: "test_panels",
    Place.SETUP_FAILED: "test_panels",
    Place.CALLS: "test_calls_tab",
    Place.SIGNED: "it shows a secret that provd made, and a name that the channels' list shows too",
}


def hostile() -> FakeDaemon:
    works = Maintenance(until=NEVER, reason=HOSTILE, by=HOSTILE)
    said = {
        "explanation": LONG,
        "next_step": HOSTILE,
        "reason": HOSTILE,
        "server": LONG,
        "dns_problem": HOSTILE,
    }
    daemon = FakeDaemon(
        [
            a_provider(
                HOSTILE,
                id="id-evil",
                status=HealthStatus.UNHEALTHY,
                health=said,
                maintenance=works,
                **fields(),
            ),
            a_provider(LONG, id="id-long", health=said, **fields() | {"hostname": "sip.evil.example"}),
        ]
    )
    daemon.user = HOSTILE
    daemon.routes.add(
        a_route(HOSTILE, "id-long", "+44", detail=LONG), a_route(LONG, "id-long", detail=HOSTILE)
    )
    daemon.setups.by_id["set-evil"] = a_setup(HOSTILE, provider_id="id-evil", at=NOW, note=LONG, error=LONG)
    for carrier in daemon.setups.carriers:
        daemon.setups.carriers = [carrier.model_copy(update={"title": HOSTILE, "summary": LONG})]
    alert = an_alert(1, to_timestamp(NOW - 60), HOSTILE, rule=HOSTILE)
    wrong = alerted(LONG, alert.opened_at, explanation=LONG, next_step=HOSTILE)
    daemon.alerts.by_id[alert.id] = alert.model_copy(update={"providers": [wrong, *alert.providers]})
    daemon.alerts.deliveries = [a_delivery(1, alert, error=LONG, state=DeliveryState.FAILED)]
    daemon.alerts.rules = {HOSTILE: a_rule(HOSTILE, tags=[HOSTILE])}
    daemon.alerts.channels = {HOSTILE: a_channel(HOSTILE, address=LONG, error=HOSTILE)}
    daemon.test_calls.before = [
        a_test_call(CallOutcome.REJECTED, code=503, reason=HOSTILE, cause_text=LONG, schedule=HOSTILE)
    ]
    daemon.note(entry())
    daemon.save_as(HOSTILE, "id-evil", detail=LONG)
    daemon.change_health("id-long", HealthStatus.UNHEALTHY)
    for key in ("id-evil", *daemon.routes.by_id):
        daemon.audit.revisions[key] = [
            a_revision(2, key, detail=LONG),
            a_revision(1, key, detail=HOSTILE),
        ]
    return daemon


def fields() -> dict[str, object]:
    return {
        "hostname": HOSTILE,
        "carrier": HOSTILE,
        "detail": LONG,
        "tags": [HOSTILE],
        "warnings": [LONG],
        "tech_prefix": HOSTILE,
        "codecs": HOSTILE,
    }


def entry() -> AuditEntry:
    return an_entry(1, before={"detail": HOSTILE}, after={"detail": LONG}, name=LONG, user=HOSTILE)


def test_every_place_of_the_registry_is_looked_at() -> None:
    assert {*SCREENS, *DIALOGS, *SHOWN_ELSEWHERE} == set(Place)


async def harmless(driver: Driver, cells: int) -> None:
    """Hold all that is drawn against what a terminal takes for text, and its lines against the width."""
    drawn = await driver.text()
    bad = {c for c in drawn if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert not bad, sorted(map(hex, map(ord, bad)))
    assert {cell_len(line) for line in drawn.split("\n")} == {cells}
    assert driver.app._exit is False


@pytest.mark.parametrize(
    "place", [each for each in SCREENS if each is not Place.WELCOME and each is not Place.NO_ROUTES]
)
async def test_a_screen_shows_hostile_text_as_text(place: Place) -> None:
    async with running(hostile()) as driver:
        await driver.press(*OPENING[place])
        if place in TABS:
            driver.app.screen.do_tab(place.value)  # type: ignore[attr-defined]
        await driver.until(lambda: driver.app.screen.place is place)  # type: ignore[attr-defined]
        await driver.settle()
        await driver.pilot.pause()
        await driver.settle()
        await harmless(driver, 80)


@pytest.mark.parametrize("place", DIALOGS)
async def test_a_dialog_shows_hostile_text_as_text(place: Place) -> None:
    async with running(hostile()) as driver:
        for key in DIALOGS[place]:
            await driver.press(key)
            await driver.pilot.pause()
            await driver.settle_dialog()
        await driver.until(lambda: isinstance(driver.app.screen, HANDLED_BY[place]))
        await driver.settle_dialog()
        await harmless(driver, 80)
