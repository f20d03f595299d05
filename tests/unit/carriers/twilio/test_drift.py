"""What somebody changed at Twilio since a setup is found."""

from typing import Any

import pytest

from provd.carriers.saga import Step
from provd.schema.setup import Finding
from provd.services.setups.comparison import compare
from tests.unit.carriers.twilio.account import ACCOUNT, Account

SETTINGS = {"credential_list": True, "inbound": True}
SIP = f"/2010-04-01/Accounts/{ACCOUNT}/SIP"


async def made(account: Account) -> tuple[dict[str, str], list[Step]]:
    saga, steps = await account.saga(**SETTINGS)
    await saga.forward()
    return saga.ids, steps


def path_of(account: Account, carrier_id: str, under: str) -> str:
    return next(path for path in account.fake.things if path.startswith(under) and path.endswith(carrier_id))


async def found(account: Account, steps: list[Step]) -> list[Finding]:
    return await compare(account.api, steps)


@pytest.mark.parametrize(
    ("step", "under", "field", "value"),
    [
        ("acl", SIP, "friendly_name", "Mine"),
        ("ip_1", SIP, "ip_address", "192.0.2.1"),
        ("ip_2", SIP, "cidr_prefix_length", 8),
        ("credential_list", SIP, "friendly_name", "Mine"),
        ("trunk", "/v1/", "secure", True),
        ("trunk", "/v1/", "friendly_name", "Mine"),
        ("domain", "/v1/", "domain_name", "other.pstn.twilio.com"),
        ("origination_url_1", "/v1/", "sip_url", "sip:192.0.2.1"),
        ("origination_url_2", "/v1/", "enabled", False),
        ("origination_url_2", "/v1/", "priority", 1),
        ("origination_url_2", "/v1/", "weight", 11),
    ],
)
async def test_a_changed_field_is_told(step: str, under: str, field: str, value: Any) -> None:
    async with Account().open() as account:
        ids, steps = await made(account)
        account.fake.things[path_of(account, ids[step], under)][field] = value
        (finding,) = await found(account, steps)
        assert (finding.step, finding.kind, finding.field, finding.found) == (step, "changed", field, value)


@pytest.mark.parametrize(
    ("step", "under"),
    [
        ("ip_1", SIP),
        ("credential", SIP),
        ("acl_on_trunk", "/v1/"),
        ("credential_list_on_trunk", "/v1/"),
        ("origination_url_1", "/v1/"),
    ],
)
async def test_what_is_missing_is_told(step: str, under: str) -> None:
    async with Account().open() as account:
        ids, steps = await made(account)
        del account.fake.things[path_of(account, ids[step], under)]
        (finding,) = await found(account, steps)
        assert (finding.step, finding.kind, finding.carrier_id) == (step, "missing", ids[step])


@pytest.mark.parametrize(
    ("collection", "fields"),
    [
        ("{sip}/IpAccessControlLists/{acl}/IpAddresses/IP", {"ip_address": "192.0.2.1"}),
        ("{sip}/CredentialLists/{credential_list}/Credentials/CR", {"username": "eve"}),
        ("/v1/Trunks/{trunk}/IpAccessControlLists/AL", {}),
        ("/v1/Trunks/{trunk}/CredentialLists/CL", {}),
        ("/v1/Trunks/{trunk}/OriginationUrls/OU", {"sip_url": "sip:192.0.2.1"}),
    ],
)
async def test_a_strangers_thing_on_the_trunk_is_told(collection: str, fields: dict[str, str]) -> None:
    async with Account().open() as account:
        ids, steps = await made(account)
        path = collection.format(sip=SIP, **ids) + "e" * 32
        account.fake.things[path] = {"sid": path.rpartition("/")[2], **fields}
        (finding,) = await found(account, steps)
        assert (finding.kind, finding.carrier_id) == ("foreign", path.rpartition("/")[2])


async def test_things_of_the_account_beside_the_trunk_are_nobodys_business() -> None:
    async with Account().open() as account:
        _, steps = await made(account)
        for path in (f"{SIP}/IpAccessControlLists/AL", f"{SIP}/CredentialLists/CL", "/v1/Trunks/TK"):
            sid = path[-2:] + "e" * 32
            account.fake.things[path + "e" * 32] = {"sid": sid, "friendly_name": "Theirs"}
        assert await found(account, steps) == []
