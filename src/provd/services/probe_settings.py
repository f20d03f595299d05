"""From a provider's record to how it is checked."""

from dataclasses import replace
from typing import Any

from provd.probe.settings import ProbeSettings, RequestShape
from provd.schema.codes import parse_codes
from provd.schema.hostname import parse_hostname
from provd.schema.probe import Preset, RollUp
from provd.schema.provider import Transport
from provd.services.carrier_limits import carrier_limit
from provd.store.providers import WatchedRow
from provd.store.tables import ProviderRow

_KEPT = 4096
_IN_EVERY_CHECK = ("accept", "user-agent")
_PLAIN = ("interval_s", "timeout_s", "fall", "rise", "tls_verify", "reuse")


class SettingsMaker:
    """``defaults`` are the daemon's. Equal settings are one object, however many providers share them."""

    def __init__(self, defaults: ProbeSettings) -> None:
        self._defaults = defaults
        self._known: dict[ProbeSettings, ProbeSettings] = {defaults: defaults}

    def set_defaults(self, defaults: ProbeSettings) -> None:
        """Make settings from other defaults from now on."""
        self._defaults = defaults
        self._known = {defaults: defaults}

    def of(self, record: ProviderRow | WatchedRow) -> ProbeSettings:
        """The settings of a provider: the defaults, its overrides, and its carrier's limit."""
        limit = carrier_limit(record.carrier, record.hostname)
        if not record.probe and limit is None and record.transport == "udp":
            return self._defaults
        made = self._overridden(record)
        if limit is not None:
            made = replace(
                made,
                interval_s=max(made.interval_s, limit.min_interval_s),
                min_interval_s=limit.min_interval_s,
                confirm_after_s=limit.min_interval_s,
            )
        if len(self._known) >= _KEPT:
            self._known = {self._defaults: self._defaults}
        return self._known.setdefault(made, made)

    def warnings(self, record: ProviderRow | WatchedRow) -> list[str]:
        """What will not work as a record says, or works otherwise than its author may think."""
        probe = record.probe
        found = []
        limit = carrier_limit(record.carrier, record.hostname)
        wanted_s = probe.get("interval_s", self._defaults.interval_s)
        if limit is not None and wanted_s < limit.min_interval_s:
            found.append(
                f"{limit.consequence}: it is checked every {limit.min_interval_s:g} s, "
                f"not every {wanted_s:g} s"
            )
        if record.transport != "tls":
            if probe.get("preset") == Preset.TEAMS:
                found.append("Microsoft Teams answers over TLS only: set transport to tls")
            of_tls = [name for name in ("tls_verify", "tls_sni") if name in probe]
            if of_tls:
                found.append(
                    f"with transport {record.transport}, probe.{' and probe.'.join(of_tls)} means nothing"
                )
        elif probe.get("tls_verify") is False:
            found.append("probe.tls_verify is false: any certificate is taken, so anyone could answer")
        return found

    def _overridden(self, record: ProviderRow | WatchedRow) -> ProbeSettings:
        probe = record.probe
        changes: dict[str, Any] = {name: probe[name] for name in _PLAIN if name in probe}
        if "codes" in probe:
            changes["codes"] = parse_codes(probe["codes"])
        if "rollup" in probe:
            changes["rollup"] = RollUp(probe["rollup"])
        if "bind" in probe:
            host, _, port = probe["bind"].rpartition(":")
            changes["bind"] = (parse_hostname(host).host, int(port))
        if "tls_sni" in probe:
            changes["server_name"] = probe["tls_sni"]
        return replace(
            self._defaults,
            **changes,
            transport=Transport(record.transport),
            shape=self._shape(record),
            secret_headers=frozenset(name.lower() for name in record.tech_headers)
            if probe.get("send_tech_headers")
            else frozenset(),
        )

    def _shape(self, record: ProviderRow | WatchedRow) -> RequestShape:
        probe, default = record.probe, self._defaults.shape
        headers = list(probe.get("headers", {}).items())
        if probe.get("send_tech_headers"):
            taken = {*_IN_EVERY_CHECK, *(name.lower() for name, _ in headers)}
            headers += [each for each in record.tech_headers.items() if each[0].lower() not in taken]
        contact = probe.get("contact", default.contact)
        from_uri = probe.get("from_uri", default.from_uri)
        if probe.get("preset") == Preset.TEAMS and contact is not None and "from_uri" not in probe:
            from_uri = contact.partition(";")[0]
        return RequestShape(
            user_agent=probe.get("user_agent", default.user_agent),
            from_uri=from_uri,
            contact=contact,
            max_forwards=probe.get("max_forwards", default.max_forwards),
            headers=tuple(headers),
        )
