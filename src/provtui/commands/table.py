"""Every command of the interface, once: keys, key bar, help, palette and the ``:`` line all read this."""

from provd.schema.status import Role
from provtui.commands.command import Argument, Command, Group
from provtui.commands.places import SCREENS, TABS, Place


def _at(*places: Place) -> frozenset[Place]:
    return frozenset(places)


_F, _W, _R, _NR, _E = Place.FLEET, Place.WELCOME, Place.ROUTES, Place.NO_ROUTES, Place.EVENTS
_A, _REV, _RREV, _AL = Place.AUDIT, Place.REVISIONS, Place.ROUTE_REVISIONS, Place.ALERTS
_ONE = (_F, *TABS)
_LISTS = (_F, _R, _AL, _E, _A, Place.TRACE, Place.PROVIDER_ROUTES, Place.PROVIDER_EVENTS, _REV)
_ASKING = (Place.SETUP_CARRIER, Place.SETUP_KEY, Place.SETUP_TRUNK)
_RULES, _CHANNELS = Place.RULES, Place.CHANNELS
_READ_AGAIN = (Place.SETUPS, Place.MATRIX, Place.REPORT, Place.ALERT, _RULES, _CHANNELS)
_READING = (*_READ_AGAIN, Place.ENTRY, _RREV)
_FORMS = (Place.FORM, Place.ROUTE_FORM, Place.RULE_FORM, Place.CHANNEL_FORM, Place.RAW)
_ADMIN, _OPERATOR = Role.ADMIN, Role.OPERATOR


def _sort(key: str, what: str, help_text: str) -> Command:
    return Command(f"sort:{what}", (key,), "", help_text, _at(_F), Group.SORT)


def _move(what: str, keys: tuple[str, ...], help_text: str) -> Command:
    return Command(f"move:{what}", keys, "", help_text, _at(*_LISTS), Group.MOVE)


def _tab(place: Place, key: str, help_text: str, *places: Place) -> Command:
    return Command(f"tab:{place.value}", (key,), "", help_text, _at(*TABS, *places), Group.TABS)


def _screen(name: str, key: str, label: str, help_text: str) -> Command:
    return Command(name, (key,), label, help_text, _at(*SCREENS), Group.SCREENS, rank=8)


def _line(
    name: str, help_text: str, argument: Argument | None = None, *, role: Role = Role.VIEWER
) -> Command:
    return Command(name, (), "", help_text, _at(*SCREENS), Group.LINE, role, argument=argument)


def _of_alerts(name: str, key: str, label: str, help_text: str, rank: int) -> tuple[Command, Command]:
    """Give a command that has a key among the alerts, and elsewhere its name alone."""
    elsewhere = _at(*(place for place in SCREENS if place is not _AL))
    return (
        Command(name, (key,), label, help_text, _at(_AL), Group.LIST, rank=rank),
        Command(f"go:{name}", (), "", help_text, elsewhere, Group.LINE, words=(name,)),
    )


COMMANDS: tuple[Command, ...] = (
    Command("open", ("enter",), "Open", "Open the provider", _at(_F, _R, _E), Group.PROVIDER, rank=4),
    Command("check", ("c",), "Check", "Check it now", _at(*_ONE), Group.PROVIDER, _OPERATOR, 3),
    Command(
        "maintenance",
        ("m",),
        "Maint",
        "Maintenance: begin, end",
        _at(*_ONE),
        Group.PROVIDER,
        _OPERATOR,
        5,
    ),
    Command("setup", ("n",), "New", "Set up a trunk", _at(_F, _W), Group.PROVIDER, _ADMIN, 6),
    Command("add", ("a",), "Add", "Add one by hand", _at(_F, _W), Group.PROVIDER, _ADMIN, 9),
    Command(
        "import",
        ("i",),
        "Import",
        "Import a file",
        _at(_W),
        Group.PROVIDER,
        _ADMIN,
        12,
        argument=Argument.FILE,
    ),
    Command(
        "demo",
        ("D",),
        "Demo",
        "Load the demo fleet",
        _at(_F, _W),
        Group.PROVIDER,
        _ADMIN,
        12,
        needs_demo=True,
    ),
    Command("edit", ("e",), "Edit", "Edit it", _at(*_ONE), Group.PROVIDER, _ADMIN, 6),
    Command("delete", ("d",), "Delete", "Delete it", _at(*_ONE), Group.PROVIDER, _ADMIN, 8),
    Command("raw", ("E",), "JSON", "Edit it as JSON", _at(*_ONE), Group.PROVIDER, _ADMIN),
    Command("toggle", ("x",), "On/off", "Enable or disable", _at(*_ONE), Group.PROVIDER, _ADMIN, 9),
    Command("copy", ("y",), "Copy", "Copy it as JSON", _at(*_ONE), Group.PROVIDER, rank=11),
    Command("add_route", ("a",), "Add", "Add a route", _at(_R, _NR), Group.ROUTE, _ADMIN, 3),
    Command("edit_route", ("e",), "Edit", "Edit it", _at(_R), Group.ROUTE, _ADMIN, 5),
    Command("delete_route", ("d",), "Delete", "Delete it", _at(_R), Group.ROUTE, _ADMIN, 6),
    Command("raw_route", ("E",), "JSON", "Edit it as JSON", _at(_R), Group.ROUTE, _ADMIN),
    Command("toggle_route", ("x",), "On/off", "Enable or disable", _at(_R), Group.ROUTE, _ADMIN, 7),
    Command("copy_route", ("y",), "Copy", "Copy it as JSON", _at(_R), Group.ROUTE, rank=11),
    Command("alert", ("enter",), "Alert", "All of it", _at(_AL), Group.ALERT, rank=2),
    Command(
        "acknowledge",
        ("a",),
        "Ack",
        "Acknowledge it",
        _at(_AL, Place.ALERT),
        Group.ALERT,
        _OPERATOR,
        3,
    ),
    Command("resolved", ("A",), "All", "Resolved ones too, or not", _at(_AL), Group.LIST, rank=4),
    *_of_alerts("rules", "R", "Rules", "What raises alerts", 6),
    *_of_alerts("channels", "C", "Channels", "Where alerts are told", 7),
    *_of_alerts("deliveries", "D", "", "Messages, sent or not", 0),
    Command("entry", ("enter",), "Entry", "All of it", _at(_A), Group.LIST, rank=2),
    Command("undo_entry", ("u",), "Undo", "Undo it", _at(_A, Place.ENTRY), Group.LIST, _OPERATOR, 3),
    Command("verify_audit", ("v",), "Verify", "Verify the log", _at(_A), Group.LIST, rank=4),
    Command("resolve", ("n",), "Number", "Who would carry a number", _at(_R, _NR), Group.LIST, rank=2),
    Command("matrix", ("w",), "World", "Who carries each country", _at(_R, _NR), Group.LIST, rank=8),
    Command(
        "filter",
        ("slash",),
        "Filter",
        "Filter the list",
        _at(_F, _R, _AL, _E, _A),
        Group.LIST,
        rank=2,
        argument=Argument.FILTER,
    ),
    Command("problems", ("p", "ctrl+z"), "Problems", "Problems only, or all", _at(_F), Group.LIST, rank=7),
    Command("clear", ("escape",), "", "Clear filter, then marks", _at(_F), Group.LIST),
    Command("mark", ("space",), "Mark", "Mark it, then act on all", _at(_F, _R, _AL), Group.LIST, rank=8),
    Command("mark_all", ("M",), "", "Mark all listed, or none", _at(_F, _R, _AL), Group.LIST),
    Command(
        "out",
        ("escape",),
        "Back",
        "Clear the filter, or back",
        _at(_R, _NR, _AL, _E, _A),
        Group.LIST,
        rank=7,
    ),
    _screen("fleet", "1", "Fleet", "The fleet"),
    _screen("routes", "2", "Routes", "The routes"),
    _screen("alerts", "3", "Alerts", "What is wrong"),
    _screen("events", "4", "Events", "What happened"),
    _screen("audit", "5", "Audit", "Who changed what"),
    Command("route_revisions", ("b",), "Before", "What it was before", _at(_R), Group.ROUTE, rank=8),
    Command("wall", ("w",), "Wall", "Tiles for a big screen", _at(_F), Group.LIST, rank=9),
    Command("setups", ("s",), "Setups", "Setups, and what is left", _at(_F, _W), Group.LIST, rank=11),
    Command("reload", ("r",), "", "Reload, or retry provd", _at(*SCREENS), Group.LIST),
    _tab(Place.PROVIDER, "o", "Overview"),
    _tab(Place.TARGETS, "a", "Targets: each address"),
    _tab(Place.HISTORY, "h", "History: times and states"),
    _tab(Place.TRACE, "t", "Trace: its SIP messages", _F),
    _tab(Place.CARRIER, "s", "Carrier: what setup made"),
    _tab(Place.DIAL, "n", "Dial: what would be sent"),
    _tab(Place.PROVIDER_ROUTES, "u", "Routes that lead to it"),
    _tab(Place.PROVIDER_EVENTS, "l", "Events: its log"),
    _tab(Place.REVISIONS, "b", "Revisions: back to before"),
    _tab(Place.PROVIDER_CALLS, "p", "Calls: how they went"),
    Command("restore", ("enter",), "Restore", "Restore it", _at(_REV, _RREV), Group.TABS, _ADMIN, 2),
    Command("dial", ("enter",), "Type", "Type a number", _at(Place.DIAL), Group.TABS, rank=2),
    Command(
        "verify",
        ("v",),
        "Verify",
        "Compare it with the carrier",
        _at(Place.CARRIER),
        Group.TABS,
        _OPERATOR,
        2,
    ),
    Command("key", ("k",), "Key", "Replace its key", _at(Place.CARRIER), Group.TABS, _ADMIN, 2),
    Command("turn:previous", ("left",), "", "The tab before", _at(*TABS), Group.TABS),
    Command("turn:next", ("right",), "", "The next tab", _at(*TABS), Group.TABS),
    Command(
        "span:shorter",
        ("left_square_bracket",),
        "Shorter",
        "Less time",
        _at(Place.HISTORY, Place.PROVIDER_CALLS),
        Group.TABS,
        rank=2,
    ),
    Command(
        "span:longer",
        ("right_square_bracket",),
        "Longer",
        "More time",
        _at(Place.HISTORY, Place.PROVIDER_CALLS),
        Group.TABS,
        rank=2,
    ),
    Command("test_call", ("i",), "Call", "Place a test call", _at(*TABS), Group.PROVIDER, _OPERATOR, 9),
    Command("follow", ("f",), "Follow", "Follow live, or stop", _at(Place.TRACE), Group.TABS, rank=2),
    _sort("S", "STATE", "State, problems first"),
    _sort("N", "NAME", "Name"),
    _sort("H", "HOSTNAME", "Hostname"),
    _sort("C", "CARRIER", "Carrier"),
    _sort("R", "RTT", "Round-trip time, slowest"),
    _sort("L", "LOSS", "Loss, most first"),
    _sort("V", "AVAIL", "Availability, least first"),
    _sort("O", "CODE", "Outcome: the last SIP code"),
    _sort("A", "AGE", "Age of check, oldest first"),
    _sort("T", "SINCE", "Last change, newest first"),
    _move("up", ("up", "k"), "One up"),
    _move("down", ("down", "j"), "One down"),
    _move("page_up", ("pageup",), "A page up"),
    _move("page_down", ("pagedown",), "A page down"),
    _move("top", ("home", "g"), "The first"),
    _move("bottom", ("end", "G"), "The last"),
    Command("back", ("escape",), "Back", "Back", _at(*TABS, Place.WALL), rank=1),
    Command("help", ("question_mark",), "Help", "This help", _at(*SCREENS), rank=1),
    Command("line", ("colon",), "Cmd", "Type a command", _at(*SCREENS), rank=9),
    Command("palette", ("ctrl+p",), "", "Find a command", _at(*SCREENS)),
    Command("theme", ("ctrl+t",), "", "Next theme", _at(*SCREENS), argument=Argument.THEME),
    Command("quit", ("q",), "Quit", "Quit", _at(*SCREENS), rank=10, words=("quit", "q")),
    _line("provider", "Open a provider", Argument.PROVIDER),
    _line("status", "How provd does"),
    _line("redirects", "Redirected calls"),
    _line("metrics", "Figures for Prometheus"),
    _line("keyring", "Where keys are kept", role=Role.OPERATOR),
    Command("sip_login", (), "", "The login of test calls", _at(*TABS), Group.LINE, _ADMIN),
    Command(
        "go:import",
        (),
        "",
        "Import a file",
        _at(*(place for place in SCREENS if place is not _W)),
        Group.LINE,
        _ADMIN,
        words=("import",),
        argument=Argument.FILE,
    ),
    _line("export", "Export to a file", Argument.FORMAT_FILE),
    _line("calls", "Report how calls went", Argument.CALLS_FILE, role=Role.OPERATOR),
    Command("run_line", ("enter",), "Run", "Run it", _at(Place.LINE), rank=1),
    Command("complete", ("tab",), "Complete", "Complete it", _at(Place.LINE), rank=2),
    Command(
        "begin",
        ("enter", "ctrl+s"),
        "Begin",
        "Begin maintenance",
        _at(Place.MAINTENANCE),
        role=_OPERATOR,
        rank=1,
    ),
    Command(
        "replace", ("enter", "ctrl+s"), "Replace", "Replace the key", _at(Place.NEW_KEY), role=_ADMIN, rank=1
    ),
    Command("save", ("ctrl+s",), "Save", "Save", _at(*_FORMS), role=_ADMIN, rank=1),
    Command(
        "cancel",
        ("escape",),
        "Cancel",
        "Leave without saving",
        _at(*_FORMS, Place.MAINTENANCE, Place.NEW_KEY, Place.ACKNOWLEDGE),
        rank=2,
    ),
    Command("fold", ("enter", "space"), "Open a group", "Open or close a group", _at(Place.FORM), rank=3),
    Command("next", ("enter", "ctrl+s"), "Next", "Go on", _at(*_ASKING), role=_ADMIN, rank=1),
    Command(
        "build", ("ctrl+s",), "Set it up", "Set it up as planned", _at(Place.SETUP_PLAN), role=_ADMIN, rank=1
    ),
    Command(
        "previous",
        ("escape",),
        "Back",
        "One step back",
        _at(Place.SETUP_KEY, Place.SETUP_TRUNK, Place.SETUP_PLAN),
        rank=2,
    ),
    Command("retry", ("escape",), "Back to the settings", "Try again", _at(Place.SETUP_FAILED), rank=2),
    Command("again", ("enter",), "Ask again", "Ask again", _at(Place.RESOLVE), rank=1),
    Command(
        "leave",
        ("escape",),
        "Leave",
        "Leave",
        _at(
            Place.SETUP_CARRIER,
            Place.SETUP_RUN,
            Place.RESOLVE,
            Place.LINE,
            Place.IMPORT,
            Place.CALLS,
            Place.SIP_LOGIN,
        ),
        rank=2,
    ),
    Command("abandon", ("q",), "Leave", "Leave", _at(Place.SETUP_FAILED), rank=3),
    Command("finish", ("enter",), "Open it", "Open the provider", _at(Place.SETUP_DONE), rank=1),
    Command(
        "add_route_to",
        ("r",),
        "Add a route",
        "Add a route to it",
        _at(Place.SETUP_DONE),
        role=_ADMIN,
        rank=2,
    ),
    Command("done", ("escape",), "To the list", "Go to the list", _at(Place.SETUP_DONE), rank=2),
    Command("resume", ("g",), "Go on", "Go on with it", _at(Place.SETUPS), role=_ADMIN, rank=1),
    Command("undo", ("u",), "Undo", "Remove what it made", _at(Place.SETUPS), role=_ADMIN, rank=2),
    Command("open_alerted", ("enter",), "Open", "Open the provider", _at(Place.ALERT), rank=1),
    Command(
        "take_on",
        ("enter", "ctrl+s"),
        "Acknowledge",
        "Acknowledge",
        _at(Place.ACKNOWLEDGE),
        role=_OPERATOR,
        rank=1,
    ),
    Command("edit_rule", ("enter", "e"), "Edit", "Edit it", _at(_RULES), role=_ADMIN, rank=1),
    Command("add_rule", ("a",), "Add", "Add a rule", _at(_RULES), role=_ADMIN, rank=2),
    Command("toggle_rule", ("x",), "On/off", "Switch it on or off", _at(_RULES), role=_ADMIN, rank=2),
    Command("delete_rule", ("d",), "Delete", "Delete it", _at(_RULES), role=_ADMIN, rank=3),
    Command("edit_channel", ("enter", "e"), "Edit", "Edit it", _at(_CHANNELS), role=_ADMIN, rank=1),
    Command("test_channel", ("t",), "Test", "Send a message now", _at(_CHANNELS), role=_OPERATOR, rank=2),
    Command("add_channel", ("a",), "Add", "Add a channel", _at(_CHANNELS), role=_ADMIN, rank=2),
    Command("toggle_channel", ("x",), "On/off", "Switch it on or off", _at(_CHANNELS), role=_ADMIN, rank=2),
    Command("delete_channel", ("d",), "Delete", "Delete it", _at(_CHANNELS), role=_ADMIN, rank=3),
    Command("reread", ("r",), "Reload", "Read it again", _at(*_READ_AGAIN), rank=3),
    Command("send_calls", ("enter",), "Send", "Send them to provd", _at(Place.CALLS), rank=1),
    Command(
        "dismiss",
        ("escape", "q"),
        "Close",
        "Close",
        _at(*_READING),
        rank=4,
    ),
    Command("theirs", ("t",), "Take theirs", "Drop your input", _at(Place.CONFLICT), rank=1),
    Command("ours", ("o",), "Overwrite with yours", "Save yours over theirs", _at(Place.CONFLICT), rank=2),
    Command("keep", ("escape",), "Keep editing", "Change nothing yet", _at(Place.CONFLICT), rank=3),
    Command(
        "confirm",
        ("enter",),
        "Delete",
        "Delete, once the name is typed",
        _at(Place.DELETE),
        role=_ADMIN,
        rank=1,
    ),
    Command("act", ("enter",), "Do it", "Do it to all", _at(Place.BULK), role=_OPERATOR, rank=1),
    Command("give_up", ("escape",), "Cancel", "Leave all as they are", _at(Place.BULK), rank=2),
    Command("stop", ("escape",), "Stop", "Leave the others as they are", _at(Place.BULK_RUN), rank=1),
    Command("take_in", ("enter",), "Import", "Import it", _at(Place.IMPORT), role=_ADMIN, rank=1),
    Command("place", ("enter",), "Call", "Call the number", _at(Place.TEST_CALL), role=_OPERATOR, rank=1),
    Command("hang_up", ("escape",), "Hang up", "Hang up, or leave", _at(Place.TEST_CALL), rank=2),
    Command("keep_login", ("enter", "ctrl+s"), "Save", "Save it", _at(Place.SIP_LOGIN), role=_ADMIN, rank=1),
    Command("forget_login", ("ctrl+r",), "Forget", "Forget it", _at(Place.SIP_LOGIN), role=_ADMIN, rank=3),
    Command("take_back", ("enter",), "Undo", "Undo it now", _at(Place.UNDO), role=_OPERATOR, rank=1),
    Command("bring_back", ("enter",), "Restore", "Restore it now", _at(Place.RESTORE), role=_ADMIN, rank=1),
    Command(
        "erase",
        ("enter",),
        "Delete",
        "Delete it",
        _at(Place.DELETE_ROUTE, Place.DELETE_RECORD),
        role=_ADMIN,
        rank=1,
    ),
    Command("lift", ("enter",), "End it", "End maintenance now", _at(Place.LIFT), role=_OPERATOR, rank=1),
    Command(
        "decline",
        ("escape",),
        "Cancel",
        "Keep it",
        _at(Place.DELETE, Place.DELETE_ROUTE, Place.DELETE_RECORD, Place.LIFT, Place.UNDO, Place.RESTORE),
        rank=2,
    ),
    Command("close", ("escape", "question_mark", "q"), "Close", "Close", _at(Place.HELP), rank=1),
    Command(
        "seen",
        ("enter", "escape", "q"),
        "Close",
        "Close",
        _at(Place.REMOVED, Place.BULK_DONE, Place.SIGNED),
        rank=1,
    ),
)
"""All commands, in the order in which bar and help show them."""
BY_ID = {command.id: command for command in COMMANDS}
