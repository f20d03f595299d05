"""Which calls of the API each command makes; those of the feed and of starting are beside its code."""

from collections.abc import Mapping

_PROVIDERS, _ROUTES, _SETUPS = "/v1.0/providers", "/v1.0/routes", "/v1.0/setups"
_PROVIDER, _ROUTE = f"{_PROVIDERS}/{{provider_id}}", f"{_ROUTES}/{{route_id}}"
_CARRIER = f"{_PROVIDER}/carrier"
_READ, _READ_ROUTE = f"GET {_PROVIDER}", f"GET {_ROUTE}"
_ALERTS = "/v1.0/alerts"
_ALERT, _RULE, _CHANNEL = (
    f"{_ALERTS}/{{alert_id}}",
    f"{_ALERTS}/rules/{{name}}",
    f"{_ALERTS}/channels/{{name}}",
)
_EDITED = "GET /v1.0/events/log"  # who saved it, when someone else did

CALLS: Mapping[str, tuple[str, ...]] = {
    "open": (_READ, "GET /v1.0/events/log"),
    "provider": (_READ, "GET /v1.0/events/log"),
    "check": (f"POST {_PROVIDER}/check",),
    "maintenance": (f"PUT {_PROVIDER}/maintenance", f"DELETE {_PROVIDER}/maintenance"),
    "setup": (
        "GET /v1.0/carriers",
        "POST /v1.0/carriers/{carrier}/validate",
        f"POST {_PROVIDERS}/setup",
        f"GET {_SETUPS}/{{setup_id}}",
        f"POST {_PROVIDER}/check",
        "GET /v1.0/events",
    ),
    "add": (f"POST {_PROVIDERS}",),
    "edit": (_READ, f"PATCH {_PROVIDER}", _EDITED),
    "raw": (_READ, f"PUT {_PROVIDER}"),
    "delete": (f"GET {_CARRIER}", f"GET {_ROUTES}", f"DELETE {_PROVIDER}"),
    "toggle": (f"PATCH {_PROVIDER}",),
    "routes": (f"GET {_ROUTES}",),
    "add_route": (f"POST {_ROUTES}",),
    "edit_route": (_READ_ROUTE, f"PATCH {_ROUTE}", _EDITED),
    "raw_route": (_READ_ROUTE, f"PUT {_ROUTE}"),
    "delete_route": (f"DELETE {_ROUTE}",),
    "toggle_route": (f"PATCH {_ROUTE}",),
    "resolve": (f"POST {_ROUTES}/resolve",),
    "matrix": (f"GET {_ROUTES}/matrix",),
    "route_revisions": (
        f"GET {_ROUTE}/revisions",
        f"POST {_ROUTE}/revisions/{{revision}}/restore",
    ),
    "alerts": (f"GET {_ALERTS}", f"GET {_ALERT}"),
    "alert": (f"GET {_ALERT}", f"GET {_ALERTS}/deliveries"),
    "acknowledge": (f"POST {_ALERT}/ack",),
    "deliveries": (f"GET {_ALERTS}/deliveries",),
    "rules": (f"GET {_ALERTS}/rules",),
    "add_rule": (f"GET {_RULE}", f"PUT {_RULE}"),
    "edit_rule": (f"GET {_RULE}", f"PUT {_RULE}"),
    "toggle_rule": (f"PUT {_RULE}",),
    "delete_rule": (f"DELETE {_RULE}",),
    "channels": (f"GET {_ALERTS}/channels",),
    "add_channel": (f"GET {_CHANNEL}", f"PUT {_CHANNEL}"),
    "edit_channel": (f"GET {_CHANNEL}", f"PUT {_CHANNEL}"),
    "toggle_channel": (f"PUT {_CHANNEL}",),
    "delete_channel": (f"DELETE {_CHANNEL}",),
    "test_channel": (f"POST {_CHANNEL}/test",),
    "events": ("GET /v1.0/events/log",),
    "audit": ("GET /v1.0/audit",),
    "verify_audit": ("GET /v1.0/audit/verify",),
    "undo_entry": (
        "GET /v1.0/audit/{seq}",
        f"POST {_PROVIDER}/revisions/{{revision}}/restore",
        f"POST {_ROUTE}/revisions/{{revision}}/restore",
        _READ,
        f"DELETE {_PROVIDER}",
        f"DELETE {_ROUTE}",
        f"PUT {_PROVIDER}/maintenance",
        f"DELETE {_PROVIDER}/maintenance",
    ),
    "setups": (f"GET {_SETUPS}",),
    "resume": (f"POST {_SETUPS}/{{setup_id}}/resume",),
    "undo": (f"POST {_SETUPS}/{{setup_id}}/rollback",),
    "tab:targets": (f"GET {_PROVIDER}/health",),
    "tab:history": (f"GET {_PROVIDER}/health", f"GET {_PROVIDER}/health/history"),
    "tab:trace": (f"GET {_PROVIDER}/trace",),
    "follow": ("GET /v1.0/events", f"GET {_PROVIDER}/trace"),
    "tab:carrier": (f"GET {_CARRIER}",),
    "verify": (f"POST {_CARRIER}/verify",),
    "key": ("GET /v1.0/carriers", f"PUT {_CARRIER}/credentials"),
    "dial": (f"POST {_PROVIDER}/dial-preview",),
    "tab:provider-routes": (f"GET {_ROUTES}",),
    "tab:provider-events": ("GET /v1.0/events/log",),
    "tab:revisions": (f"GET {_PROVIDER}/revisions",),
    "restore": (f"POST {_PROVIDER}/revisions/{{revision}}/restore",),
    "tab:provider-calls": (f"GET {_PROVIDER}/calls/stats",),
    "calls": ("POST /v1.0/calls",),
    "metrics": ("GET /metrics",),
    "status": ("GET /version", "GET /v1.0/status"),
    "keyring": ("GET /v1.0/keyring",),
    "redirects": ("GET /v1.0/redirects", "GET /v1.0/status"),
    "import": ("POST /v1.0/import",),
    "export": ("GET /v1.0/export",),
}
"""By the commands' ids, as the OpenAPI document writes them: the method, then the path."""
