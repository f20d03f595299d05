"""The carriers with their simulated APIs, and every kind of trunk that can be set up at each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.base import AnyCarrier
from provd.carriers.telnyx.carrier import Telnyx
from provd.carriers.twilio.carrier import Twilio
from provd.demo.carriers.bandwidth import FakeBandwidth
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.demo.carriers.twilio import FakeTwilio
from provd.schema.setup import SetupRequest

TWILIO_ACCOUNT, TWILIO_TOKEN = "AC" + "0a" * 16, "5ecret70ken00112233445566778899a"
TWILIO_KEY, TWILIO_SECRET = "SK" + "1b" * 16, "AnApiKeySecretOf32Characters0000"
BANDWIDTH_SECRET, BANDWIDTH_PASSWORD = "Zq8-client-secret-3LhW", "Hv2-user-password-9TnX"
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


def _twilio(kind: str, settings: dict[str, Any], credentials: dict[str, str]) -> Case:
    return Case(
        name=f"twilio-{kind}",
        carrier=Twilio(),
        fake=lambda: FakeTwilio(TWILIO_ACCOUNT, TWILIO_TOKEN, api_keys={TWILIO_KEY: TWILIO_SECRET}),
        specifications=("twilio_trunking.strict.json", "twilio_api.strict.json"),
        credentials={"account_sid": TWILIO_ACCOUNT, **credentials},
        settings=settings,
        secrets=(TWILIO_TOKEN, TWILIO_SECRET, "Correct4Horses"),
    )


TWILIO = (
    _twilio("addresses", {"inbound": False}, {"auth_token": TWILIO_TOKEN}),
    _twilio(
        "everything",
        {"credential_list": True, "inbound": True, "transport": "tls", "secure": True},
        {
            "api_key_sid": TWILIO_KEY,
            "api_key_secret": TWILIO_SECRET,
            "sip_username": "gateway-1",
            "sip_password": "Correct4Horses",
        },
    ),
)


def _bandwidth(kind: str, *, universal: bool, credentials: dict[str, str]) -> Case:
    return Case(
        name=f"bandwidth-{kind}",
        carrier=Bandwidth(),
        fake=lambda: FakeBandwidth(
            "9900000",
            universal=universal,
            clients={"CLI-1": BANDWIDTH_SECRET},
            users={"api-user": BANDWIDTH_PASSWORD},
        ),
        specifications=(),  # XML and two origins: tests/unit/carriers/bandwidth holds them against it
        credentials={"account_id": "9900000", **credentials},
        settings={"hostname": "sbc.example.com"},
        secrets=(BANDWIDTH_SECRET, BANDWIDTH_PASSWORD),
    )


BANDWIDTH = (
    _bandwidth(
        "universal", universal=True, credentials={"client_id": "CLI-1", "client_secret": BANDWIDTH_SECRET}
    ),
    _bandwidth(
        "legacy", universal=False, credentials={"username": "api-user", "password": BANDWIDTH_PASSWORD}
    ),
)
CASES = (*TELNYX, *TWILIO, *BANDWIDTH)
