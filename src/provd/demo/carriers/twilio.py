"""Simulated Twilio APIs, 2010-04-01 and Trunking v1, as far as trunks need them."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from provd.demo.carriers.fake import Numbers, Thing
from provd.demo.carriers.twilio_rules import (
    KINDS,
    TRUNK,
    V1,
    V2010,
    Refusal,
    check,
    check_values,
    fields_of,
    form_of,
    not_found,
    refused,
    shape,
    snake,
    unauthenticated,
)

_HOSTS = {V2010: "api.twilio.com", V1: "trunking.twilio.com"}
_DATES = {V2010: "Fri, 02 Jan 2026 03:04:05 +0000", V1: "2026-01-02T03:04:05Z"}
_MAX_TRUNKS = {"Trial": 1, "Full": 100}
_MAX_ORIGINATION_URLS = 10
_MAX_OTHERS = 1000
_PROTECTIONS = {"IP_ACL": "IpAccessControlLists", "CREDENTIAL_LIST": "CredentialLists"}


class FakeTwilio:
    """One account, with a token, and with API keys if there are some.

    ``things`` are by their paths. ``taken`` are domain names of other accounts; ``numbers`` are on trunks, by
    their ids, or on none (""). The next ``limited`` requests are too many. With ``balance`` None it is a
    sub-account.
    """

    title = "Twilio"

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        api_keys: Mapping[str, str] | None = None,
        balance: str | None = "25.50",
    ) -> None:
        self.account_sid = account_sid
        self.keys = {account_sid: auth_token, **(api_keys or {})}
        self.balance = balance
        self.status = "active"
        self.type = "Full"
        self.things: dict[str, Thing] = {}
        self.taken: set[str] = set()
        self.numbers: dict[str, str] = {}
        self.limited = 0
        self._account = f"{V2010}/Accounts/{account_sid}"
        self._new_number = Numbers(0xA1B2C3D4E5F60718)

    @property
    def made(self) -> list[Thing]:
        """Everything that is there."""
        return list(self.things.values())

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        try:
            user = self._user(request)
            if self.limited:
                self.limited -= 1
                raise Refusal(429, 20429, "Too Many Requests")
            return self._answer(request, self._path(request), user)
        except Refusal as refusal:
            return refusal.answer()

    def _user(self, request: httpx.Request) -> str:
        for user, password in self.keys.items():
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            if request.headers.get("authorization") == f"Basic {basic}":
                return user
        raise unauthenticated()

    def _path(self, request: httpx.Request) -> str:
        """The path without ``.json``, which the older API wants; that API knows our own account alone."""
        path, host = request.url.path, request.url.host
        if host in _HOSTS.values() and host != _HOSTS[_version(path)]:
            raise not_found(path)
        if _version(path) == V1:
            return path
        if not path.endswith(".json"):
            raise not_found(path)
        path = path.removesuffix(".json")
        if path != self._account and not path.startswith(f"{self._account}/"):
            raise unauthenticated()
        return path

    def _answer(self, request: httpx.Request, path: str, user: str) -> httpx.Response:
        owner, _, last = path.rpartition("/")
        if request.method == "GET" and path == self._account:
            return self._get_account(user)
        if request.method == "GET" and path == f"{self._account}/Balance":
            return self._get_balance()
        if request.method == "GET" and last == "PhoneNumbers" and owner in self.things:
            return _page(request, path, self._phone_numbers(owner))
        if path in self.things:
            return self._of_thing(request, path)
        if shape(path) in KINDS and (owner in self.things or not shape(owner).endswith("*")):
            return self._of_collection(request, path)
        raise not_found(path)

    def _of_thing(self, request: httpx.Request, path: str) -> httpx.Response:
        collection = path.rpartition("/")[0]
        match request.method:
            case "GET":
                return httpx.Response(200, json=self._shown(path))
            case "POST" if not KINDS[shape(collection)].refers:
                form = form_of(request)
                check_values(form, self._beside(collection, path), self.taken)
                self.things[path] |= fields_of(form)
                return httpx.Response(200, json=self._shown(path))
            case "DELETE":
                return self._delete(path)
        raise not_found(path)

    def _of_collection(self, request: httpx.Request, path: str) -> httpx.Response:
        match request.method:
            case "GET":
                return _page(request, path, [self._shown(each) for each in self._paths_in(path)])
            case "POST":
                return self._create(request, path)
        raise not_found(path)

    def _create(self, request: httpx.Request, collection: str) -> httpx.Response:
        kind, form, beside = KINDS[shape(collection)], form_of(request), self._beside(collection)
        check(kind, form, beside, self.taken)
        if kind.refers:
            return self._attach(collection, f"{self._account}/SIP/{kind.refers}", form[kind.required[0]])
        name = collection.rpartition("/")[2]
        most = {"Trunks": _MAX_TRUNKS[self.type], "OriginationUrls": _MAX_ORIGINATION_URLS}
        if len(beside) >= most.get(name, _MAX_OTHERS):
            raise refused(f"There are {len(beside)} {name}, and no more are allowed")
        sid = f"{kind.prefix}{int(self._new_number()):032x}"
        return self._keep(f"{collection}/{sid}", {**kind.defaults, **fields_of(form)})

    def _attach(self, collection: str, lists: str, sid: str) -> httpx.Response:
        listed = self.things.get(f"{lists}/{sid}")
        if listed is None:
            raise not_found(sid)
        if f"{collection}/{sid}" in self.things:
            raise refused(f"{sid} is associated with the trunk already", 21231)
        return self._keep(f"{collection}/{sid}", {"friendly_name": listed["friendly_name"]})

    def _keep(self, path: str, fields: Thing) -> httpx.Response:
        self.things[path] = {
            "sid": path.rpartition("/")[2],
            **self._dated(_version(path)),
            **({"url": _link(path)} if _version(path) == V1 else {"uri": f"{path}.json"}),
            **fields,
        }
        return httpx.Response(201, json=self._shown(path))

    def _delete(self, path: str) -> httpx.Response:
        sid = path.rpartition("/")[2]
        attached = (each for each in self.things if each.startswith(V1) and each.endswith(f"/{sid}"))
        if path.startswith(V2010) and any(attached):
            raise refused(f"{sid} is associated with a trunk")
        for each in list(self.things):
            if each == path or each.startswith(f"{path}/"):
                del self.things[each]
        self.numbers = {number: "" if on == sid else on for number, on in self.numbers.items()}
        return httpx.Response(204)

    def _paths_in(self, collection: str) -> list[str]:
        return [path for path in self.things if path.rpartition("/")[0] == collection]

    def _beside(self, collection: str, itself: str = "") -> list[Thing]:
        return [self.things[path] for path in self._paths_in(collection) if path != itself]

    def _dated(self, version: str) -> Thing:
        at = _DATES[version]
        return {"account_sid": self.account_sid, "date_created": at, "date_updated": at}

    def _shown(self, path: str) -> Thing:
        if shape(path) != TRUNK:
            return self.things[path]
        auth = [name for name, kind in _PROTECTIONS.items() if self._paths_in(f"{path}/{kind}")]
        return {**self.things[path], "auth_type": ",".join(auth), "auth_type_set": auth}

    def _get_account(self, user: str) -> httpx.Response:
        if user != self.account_sid:
            raise unauthenticated()
        shown = {
            "sid": self.account_sid,
            "friendly_name": "Demo",
            "status": self.status,
            "type": self.type,
            "auth_token": self.keys[self.account_sid],
            "owner_account_sid": self.account_sid,
            "uri": f"{self._account}.json",
        }
        return httpx.Response(200, json=shown)

    def _get_balance(self) -> httpx.Response:
        if self.balance is None:
            raise not_found(f"{self._account}/Balance.json")
        shown = {"account_sid": self.account_sid, "balance": self.balance, "currency": "USD"}
        return httpx.Response(200, json=shown)

    def _phone_numbers(self, trunk: str) -> list[Thing]:
        trunk_sid = trunk.rpartition("/")[2]
        return [
            {
                "sid": f"PN{index:032x}",
                **self._dated(V1),
                "phone_number": number,
                "trunk_sid": on,
                "url": _link(f"{trunk}/PhoneNumbers/PN{index:032x}"),
            }
            for index, (number, on) in enumerate(sorted(self.numbers.items()), 1)
            if on == trunk_sid
        ]


def _version(path: str) -> str:
    return V2010 if path.startswith(f"{V2010}/") else V1


def _link(path: str) -> str:
    return f"https://{_HOSTS[V1]}{path}"


def _page(request: httpx.Request, path: str, found: list[Thing]) -> httpx.Response:
    size = min(1000, max(1, int(request.url.params.get("PageSize", "50"))))
    number = int(request.url.params.get("Page", "0"))
    first = int(request.url.params.get("PageToken", "PT0").removeprefix("PT"))
    key, version = snake(path.rpartition("/")[2]), _version(path)
    listed: dict[str, Any] = {key: found[first : first + size]}

    def link(page: int, token: int) -> str:
        query = {"PageSize": size, "Page": page, **({"PageToken": f"PT{token}"} if token else {})}
        return f"{path}.json?{urlencode(query)}" if version == V2010 else f"{_link(path)}?{urlencode(query)}"

    here, begin = link(number, first), link(0, 0)
    after = link(number + 1, first + size) if first + size < len(found) else None
    if version == V2010:
        listed |= {"page": number, "page_size": size, "start": first, "end": first + len(listed[key])}
        listed |= {"uri": here, "first_page_uri": begin, "next_page_uri": after, "previous_page_uri": None}
    else:
        meta = {"key": key, "page": number, "page_size": size, "url": here, "first_page_url": begin}
        listed["meta"] = {**meta, "next_page_url": after, "previous_page_url": None}
    return httpx.Response(200, json=listed)
