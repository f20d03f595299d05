from dataclasses import fields
from typing import Any

import pytest

from provd.api.app import Services, make_api
from provd.api.permissions import permissions
from provd.schema.status import Role
from provtui import feed, local
from provtui.commands import (
    BY_ID,
    COMMANDS,
    SCREENS,
    TABS,
    Command,
    Group,
    Place,
    bindings_at,
    commands_at,
    refusal,
)
from provtui.commands.calls import CALLS
from provtui.dialogs.acknowledge import AcknowledgeDialog
from provtui.dialogs.alert import AlertDialog
from provtui.dialogs.audit_entry import EntryDialog
from provtui.dialogs.bulk import BulkDialog
from provtui.dialogs.calls import CallsDialog
from provtui.dialogs.channel_form import ChannelForm
from provtui.dialogs.channels import ChannelsDialog
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.dialogs.confirm_record_delete import ConfirmRecordDelete
from provtui.dialogs.confirm_restore import ConfirmRestore
from provtui.dialogs.confirm_route_delete import ConfirmRouteDelete
from provtui.dialogs.confirm_undo import ConfirmUndo
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.help import HelpDialog
from provtui.dialogs.importing import ImportDialog
from provtui.dialogs.line import LineDialog
from provtui.dialogs.maintenance import LiftDialog, MaintenanceDialog
from provtui.dialogs.matrix import MatrixDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.dialogs.raw_record import RawRecord
from provtui.dialogs.removal_report import RemovalReport
from provtui.dialogs.replace_key import ReplaceKey
from provtui.dialogs.report import ReportDialog
from provtui.dialogs.resolve import ResolveDialog
from provtui.dialogs.route_form import RouteForm
from provtui.dialogs.route_revisions import RouteRevisions
from provtui.dialogs.rule_form import RuleForm
from provtui.dialogs.rules import RulesDialog
from provtui.dialogs.setup_wizard import SetupWizard
from provtui.dialogs.setups import SetupsDialog
from provtui.dialogs.signing_secret import SigningSecret
from provtui.dialogs.sip_login import SipLoginDialog
from provtui.dialogs.test_call import TestCallDialog
from provtui.screens.alerts import AlertsScreen
from provtui.screens.audit import AuditScreen
from provtui.screens.events import EventsScreen
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from provtui.screens.wall import WallScreen

HANDLED_BY = {
    Place.FLEET: FleetScreen,
    Place.WELCOME: FleetScreen,
    **dict.fromkeys(TABS, ProviderScreen),
    Place.ROUTES: RoutesScreen,
    Place.NO_ROUTES: RoutesScreen,
    Place.LINE: LineDialog,
    Place.BULK: BulkDialog,
    Place.BULK_RUN: BulkDialog,
    Place.BULK_DONE: BulkDialog,
    Place.REPORT: ReportDialog,
    Place.IMPORT: ImportDialog,
    Place.RAW: RawRecord,
    Place.TEST_CALL: TestCallDialog,
    Place.SIP_LOGIN: SipLoginDialog,
    Place.WALL: WallScreen,
    Place.ALERTS: AlertsScreen,
    Place.ALERT: AlertDialog,
    Place.ACKNOWLEDGE: AcknowledgeDialog,
    Place.RULES: RulesDialog,
    Place.RULE_FORM: RuleForm,
    Place.CHANNELS: ChannelsDialog,
    Place.CHANNEL_FORM: ChannelForm,
    Place.SIGNED: SigningSecret,
    Place.DELETE_RECORD: ConfirmRecordDelete,
    Place.CALLS: CallsDialog,
    Place.EVENTS: EventsScreen,
    Place.AUDIT: AuditScreen,
    Place.ENTRY: EntryDialog,
    Place.UNDO: ConfirmUndo,
    Place.RESTORE: ConfirmRestore,
    Place.ROUTE_REVISIONS: RouteRevisions,
    Place.RESOLVE: ResolveDialog,
    Place.MATRIX: MatrixDialog,
    Place.ROUTE_FORM: RouteForm,
    Place.DELETE_ROUTE: ConfirmRouteDelete,
    Place.FORM: ProviderForm,
    Place.CONFLICT: ConflictDialog,
    Place.DELETE: ConfirmDelete,
    Place.HELP: HelpDialog,
    Place.MAINTENANCE: MaintenanceDialog,
    Place.LIFT: LiftDialog,
    Place.SETUPS: SetupsDialog,
    Place.NEW_KEY: ReplaceKey,
    Place.REMOVED: RemovalReport,
    **dict.fromkeys((place for place in Place if place.value.startswith("setup-")), SetupWizard),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_a_handler_wherever_it_works(command: Command) -> None:
    for place in command.places:
        assert callable(getattr(HANDLED_BY[place], "do_" + command.id.partition(":")[0], None)), place


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(COMMANDS)


@pytest.mark.parametrize("place", list(Place))
def test_no_key_means_two_things_in_one_place(place: Place) -> None:
    keys = [key for command in commands_at(place) for key in command.keys]
    assert len(keys) == len(set(keys))


def test_every_command_is_bound_to_its_keys() -> None:
    bound = {key for place in Place for binding in bindings_at(place) for key in binding.key.split(",")}
    wanted = {key for c in COMMANDS if c.keys and c.group is not Group.MOVE for key in c.keys}
    assert bound == wanted - {"ctrl+p"}


def test_every_call_of_the_api_is_made_by_a_command_or_by_the_feed() -> None:
    nothing: Any = {each.name: None for each in fields(Services)}
    document = make_api(Services(**nothing)).openapi()
    there_are = {f"{method} {path}" for method, path, _ in permissions(document)}
    made = {call for command in COMMANDS for call in command.calls} | set(feed.CALLS) | set(local.CALLS)
    assert made == there_are


def test_every_command_that_makes_calls_is_one() -> None:
    assert set(CALLS) <= set(BY_ID)


def test_no_name_on_the_line_means_two_things_in_one_place() -> None:
    for place in SCREENS:
        names = [name for command in commands_at(place) for name in command.names]
        assert len(names) == len(set(names)), place


def test_the_demo_is_offered_only_where_there_is_one() -> None:
    assert "demo" not in {command.id for command in commands_at(Place.WELCOME, demo=False)}
    assert "demo" in {command.id for command in commands_at(Place.WELCOME, demo=True)}


@pytest.mark.parametrize(
    ("command_id", "role", "allowed"),
    [
        ("open", None, True),
        ("open", Role.VIEWER, True),
        ("check", Role.VIEWER, False),
        ("check", Role.OPERATOR, True),
        ("maintenance", Role.VIEWER, False),
        ("maintenance", Role.OPERATOR, True),
        ("follow", Role.VIEWER, True),
        ("edit", Role.OPERATOR, False),
        ("edit", Role.ADMIN, True),
        ("delete", None, False),
    ],
)
def test_roles_decide_what_is_allowed(command_id: str, role: Role | None, allowed: bool) -> None:
    assert (refusal(BY_ID[command_id], role, readonly=False) is None) is allowed


def test_readonly_refuses_an_admin_and_says_why() -> None:
    assert "--readonly" in (refusal(BY_ID["edit"], Role.ADMIN, readonly=True) or "")
    assert "needs the admin role" in (refusal(BY_ID["edit"], Role.OPERATOR, readonly=False) or "")
