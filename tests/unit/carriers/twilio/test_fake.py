"""The simulated Twilio refuses what Twilio refuses, in its words."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from provd.demo.carriers.twilio import FakeTwilio
from tests.unit.carriers.twilio.account import ACCOUNT, KEY_SECRET, KEY_SID, TOKEN

SIP = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/SIP"
TRUNKS = "https://trunking.twilio.com/v1/Trunks"
URL = {"FriendlyName": "x", "SipUrl": "sip:203.0.113.1", "Priority": 1, "Weight": 1, "Enabled": "true"}


class Caller:
    """Asks a simulated account, and checks the form of what is refused."""

    def __init__(self) -> None:
        self.fake = FakeTwilio(ACCOUNT, TOKEN, api_keys={KEY_SID: KEY_SECRET})
        self.auth = httpx.BasicAuth(ACCOUNT, TOKEN)

    def __call__(self, method: str, url: str, **form: Any) -> httpx.Response:
        content = urlencode(form).encode() if form else None
        request = httpx.Request(method, url, content=content)
        answer = self.fake.handle(next(self.auth.auth_flow(request)))
        if answer.status_code >= 400:
            said = answer.json()
            assert said["status"] == answer.status_code
            assert said["more_info"] == f"https://www.twilio.com/docs/errors/{said['code']}"
            assert said["message"]
        return answer

    def made(self, url: str, **form: Any) -> str:
        answer = self("POST", url, **form)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["sid"])

    def code(self, method: str, url: str, **form: Any) -> tuple[int, int]:
        answer = self(method, url, **form)
        return answer.status_code, answer.json()["code"]


@pytest.fixture
def call() -> Caller:
    return Caller()


def test_a_deletion_answers_without_a_body(call: Caller) -> None:
    sid = call.made(TRUNKS, FriendlyName="x")
    answer = call("DELETE", f"{TRUNKS}/{sid}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert call.code("DELETE", f"{TRUNKS}/{sid}") == (404, 20404)
    assert call.code("GET", f"{TRUNKS}/{sid}/OriginationUrls") == (404, 20404)


@pytest.mark.parametrize("user", [ACCOUNT, "AC" + "f" * 32, KEY_SID])
def test_a_wrong_password_is_no_authentication(call: Caller, user: str) -> None:
    call.auth = httpx.BasicAuth(user, "wrong")
    assert call.code("GET", TRUNKS) == (401, 20003)


def test_an_api_key_may_not_read_the_account(call: Caller) -> None:
    call.auth = httpx.BasicAuth(KEY_SID, KEY_SECRET)
    assert call.code("GET", SIP.removesuffix("/SIP") + ".json") == (401, 20003)
    assert call("GET", TRUNKS).status_code == 200


def test_another_account_is_closed_to_us(call: Caller) -> None:
    assert call.code("GET", SIP.replace(ACCOUNT, "AC" + "f" * 32) + "/CredentialLists.json") == (401, 20003)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.twilio.com/v1/Trunks",
        SIP.replace("api.", "trunking.") + "/CredentialLists.json",
        f"{SIP}/CredentialLists",
        f"{SIP}/Nothing.json",
        f"{TRUNKS}/TK" + "0" * 32,
        "https://trunking.twilio.com/v1",
    ],
)
def test_what_is_not_there_is_not_found(call: Caller, url: str) -> None:
    assert call.code("GET", url) == (404, 20404)


def test_domain_names_are_unique_among_all_accounts(call: Caller) -> None:
    first, second = call.made(TRUNKS, DomainName="one.pstn.twilio.com"), call.made(TRUNKS)
    call.fake.taken.add("two.pstn.twilio.com")
    for name in ("one.pstn.twilio.com", "ONE.pstn.twilio.com", "two.pstn.twilio.com"):
        assert call.code("POST", f"{TRUNKS}/{second}", DomainName=name) == (400, 21232)
    assert call("POST", f"{TRUNKS}/{first}", DomainName="one.pstn.twilio.com").status_code == 200


@pytest.mark.parametrize(
    "name", ["one.sip.twilio.com", "pstn.twilio.com", "a.b.pstn.twilio.com", "a_b.pstn.twilio.com", "one"]
)
def test_domain_names_end_as_twilios_do(call: Caller, name: str) -> None:
    assert call.code("POST", TRUNKS, DomainName=name) == (400, 21232)


@pytest.mark.parametrize("length", [64, 65])
@pytest.mark.parametrize("url", [TRUNKS, f"{SIP}/IpAccessControlLists.json", f"{SIP}/CredentialLists.json"])
def test_names_have_64_characters_at_most(call: Caller, url: str, length: int) -> None:
    assert call("POST", url, FriendlyName="x" * length).status_code == (201 if length == 64 else 400)


@pytest.mark.parametrize("text", ["2001:db8::1", "203.0.113.0/24", "pbx.example.com", "203.0.113", "0x1.2.3"])
def test_addresses_are_ipv4(call: Caller, text: str) -> None:
    acl = call.made(f"{SIP}/IpAccessControlLists.json", FriendlyName="x")
    url = f"{SIP}/IpAccessControlLists/{acl}/IpAddresses.json"
    assert call.code("POST", url, FriendlyName="x", IpAddress=text) == (400, 20001)
    assert call.made(url, FriendlyName="x", IpAddress="203.0.113.1")
    assert call.code("POST", url, FriendlyName="x", IpAddress="203.0.113.1") == (400, 20001)


@pytest.mark.parametrize(
    ("username", "password", "status"),
    [
        ("x" * 32, "Correct4Horses", 201),
        ("x" * 33, "Correct4Horses", 400),
        ("x", "Correct4Hor", 400),
        ("x", "correct4horses", 400),
        ("x", "CORRECT4HORSES", 400),
        ("x", "CorrectHorses", 400),
        ("", "Correct4Horses", 400),
    ],
)
def test_passwords_are_strong_and_never_shown(
    call: Caller, username: str, password: str, status: int
) -> None:
    listed = call.made(f"{SIP}/CredentialLists.json", FriendlyName="x")
    url = f"{SIP}/CredentialLists/{listed}/Credentials.json"
    answer = call("POST", url, Username=username, Password=password)
    assert answer.status_code == status
    assert password not in answer.text + call("GET", url).text


@pytest.mark.parametrize("missing", sorted(URL))
def test_what_is_required_must_be_given(call: Caller, missing: str) -> None:
    trunk = call.made(TRUNKS)
    given = {name: value for name, value in URL.items() if name != missing}
    answer = call("POST", f"{TRUNKS}/{trunk}/OriginationUrls", **given)
    assert answer.json()["message"] == f"Missing required parameter {missing} in the post body"


@pytest.mark.parametrize(
    "changed", [{"SipUrl": "sips:x"}, {"Priority": 65536}, {"Priority": -1}, {"Weight": 0}, {"Weight": "x"}]
)
def test_an_origination_url_out_of_range_is_refused(call: Caller, changed: dict[str, Any]) -> None:
    trunk = call.made(TRUNKS)
    assert call.code("POST", f"{TRUNKS}/{trunk}/OriginationUrls", **{**URL, **changed}) == (400, 20001)


def test_a_trunk_has_ten_origination_urls_at_most(call: Caller) -> None:
    url = f"{TRUNKS}/{call.made(TRUNKS)}/OriginationUrls"
    for _ in range(10):
        call.made(url, **URL)
    assert call.code("POST", url, **URL) == (400, 20001)


def test_a_list_on_a_trunk_is_one_of_the_account_and_stays_while_it_is_there(call: Caller) -> None:
    trunk, lists = call.made(TRUNKS), f"{SIP}/IpAccessControlLists"
    on_trunk = f"{TRUNKS}/{trunk}/IpAccessControlLists"
    assert call.code("POST", on_trunk, IpAccessControlListSid="AL" + "0" * 32) == (404, 20404)
    acl = call.made(f"{lists}.json", FriendlyName="x")
    assert call.made(on_trunk, IpAccessControlListSid=acl) == acl
    assert call("GET", f"{TRUNKS}/{trunk}").json()["auth_type"] == "IP_ACL"
    assert call.code("POST", on_trunk, IpAccessControlListSid=acl) == (400, 21231)
    assert call.code("DELETE", f"{lists}/{acl}.json") == (400, 20001)
    assert call("DELETE", f"{TRUNKS}/{trunk}").status_code == 204
    assert call("DELETE", f"{lists}/{acl}.json").status_code == 204
    assert call.fake.made == []


def test_too_many_requests_are_refused_and_do_nothing(call: Caller) -> None:
    call.fake.limited = 1
    assert call.code("POST", TRUNKS) == (429, 20429)
    assert call.fake.made == []
    assert call.made(TRUNKS)
