"""Where commands work: screens, their tabs, and dialogs."""

from enum import Enum


class Place(Enum):
    """Where a command works."""

    FLEET = "fleet"
    WELCOME = "welcome"
    PROVIDER = "provider"
    TARGETS = "targets"
    HISTORY = "history"
    TRACE = "trace"
    CARRIER = "carrier"
    DIAL = "dial"
    PROVIDER_ROUTES = "provider-routes"
    PROVIDER_EVENTS = "provider-events"
    REVISIONS = "revisions"
    PROVIDER_CALLS = "provider-calls"
    WALL = "wall"
    ALERTS = "alerts"
    ALERT = "alert"
    ACKNOWLEDGE = "acknowledge"
    RULES = "rules"
    RULE_FORM = "rule-form"
    CHANNELS = "channels"
    CHANNEL_FORM = "channel-form"
    SIGNED = "signed"
    DELETE_RECORD = "delete-record"
    EVENTS = "events"
    AUDIT = "audit"
    ENTRY = "entry"
    UNDO = "undo"
    ROUTE_REVISIONS = "route-revisions"
    RESTORE = "restore"
    ROUTES = "routes"
    NO_ROUTES = "no-routes"
    RESOLVE = "resolve"
    MATRIX = "matrix"
    ROUTE_FORM = "route-form"
    DELETE_ROUTE = "delete-route"
    SETUPS = "setups"
    SETUP_CARRIER = "setup-carrier"
    SETUP_KEY = "setup-key"
    SETUP_TRUNK = "setup-trunk"
    SETUP_PLAN = "setup-plan"
    SETUP_RUN = "setup-run"
    SETUP_DONE = "setup-done"
    SETUP_FAILED = "setup-failed"
    NEW_KEY = "new-key"
    REMOVED = "removed"
    FORM = "form"
    CONFLICT = "conflict"
    DELETE = "delete"
    BULK = "bulk"
    BULK_RUN = "bulk-run"
    BULK_DONE = "bulk-done"
    MAINTENANCE = "maintenance"
    LIFT = "lift"
    HELP = "help"
    LINE = "line"
    REPORT = "report"
    IMPORT = "import"
    CALLS = "calls"
    RAW = "raw"
    TEST_CALL = "test-call"
    SIP_LOGIN = "sip-login"


TABS = (
    Place.PROVIDER,
    Place.TARGETS,
    Place.HISTORY,
    Place.TRACE,
    Place.CARRIER,
    Place.DIAL,
    Place.PROVIDER_ROUTES,
    Place.PROVIDER_EVENTS,
    Place.REVISIONS,
    Place.PROVIDER_CALLS,
)
"""The tabs of the provider screen, left to right."""

SCREENS = (
    Place.FLEET,
    Place.WELCOME,
    Place.ROUTES,
    Place.NO_ROUTES,
    Place.ALERTS,
    Place.EVENTS,
    Place.AUDIT,
    Place.WALL,
    *TABS,
)
"""Where a screen is not covered by a dialog."""
