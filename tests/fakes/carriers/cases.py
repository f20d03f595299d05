"""The carriers with their simulated APIs, and every kind of trunk that can be set up at each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from provd.carriers.base import AnyCarrier
from provd.carriers.telnyx.carrier import Telnyx
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.schema.setup import SetupRequest

TELNYX_KEY = "KEY0123456789abcdefghij"


@dataclass(frozen=True)
class Case:
    """A trunk to set up: ``fake`` makes the account, ``secrets`` are what nobody may ever see."""

    name: str
    carrier: AnyCarrier
    fake: Callable[[], Any]
    specifications: tuple[str, ...]
    credentials: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def request(self, name: str = "Ours", **fields: Any) -> SetupRequest:
        """The request for it."""
        return SetupRequest(
            carrier=self.carrier.name,
            name=name,
            credentials=self.credentials,
            settings=self.settings,
            **fields,
        )


def _telnyx(kind: str, settings: dict[str, Any], credentials: dict[str, Any]) -> Case:
    secrets = (TELNYX_KEY, *(value for name, value in credentials.items() if name == "sip_password"))
    return Case(
        name=f"telnyx-{kind}",
        carrier=Telnyx(),
        fake=lambda: FakeTelnyx(TELNYX_KEY),
        specifications=("telnyx.strict.json",),
        credentials={"api_key": TELNYX_KEY, **credentials},
        settings={"connection": kind, **settings},
        secrets=secrets,
    )


TELNYX = (
    _telnyx("ip", {}, {}),
    _telnyx("credential", {}, {"sip_username": "acme1", "sip_password": "a-Password-of-ours"}),
    _telnyx("fqdn", {"fqdns": ["pbx.example.com", "sbc.example.com:5070"]}, {}),
)
CASES = TELNYX
