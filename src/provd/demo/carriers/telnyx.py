"""A simulated Telnyx API v2, as far as trunks need it."""

import json
import re
import uuid
from typing import Any

import httpx

from provd.demo.carriers.fake import Numbers, Routes, Shelf, Thing

PREFIX = "/v2"
_AT = "2026-01-02T03:04:05Z"
_KINDS = {
    "outbound_voice_profiles": "outbound_voice_profile",
    "ip_connections": "ip_connection",
    "credential_connections": "credential_connection",
    "fqdn_connections": "fqdn_connection",
    "ips": "ip",
    "fqdns": "fqdn",
}
_CONNECTIONS = ("ip_connections", "credential_connections", "fqdn_connections")
_NAMES = {"outbound_voice_profiles": "name", **dict.fromkeys(_CONNECTIONS, "connection_name")}
_REQUIRED = {
    "outbound_voice_profiles": ("name",),
    "credential_connections": ("connection_name", "user_name", "password"),
    "fqdn_connections": ("connection_name",),
    "ips": ("ip_address",),
    "fqdns": ("connection_id", "fqdn", "dns_record_type"),
}


class FakeTelnyx:
    """One account, with a key. ``refused_countries`` are not to be called; ``numbers`` are on connections,
    by their ids."""

    title = "Telnyx"

    def __init__(self, key: str, *, balance: str = "300.00") -> None:
        self.keys = {key}
        self.balance = balance
        self.refused_countries: set[str] = set()
        self.numbers: dict[str, str] = {}
        self.shelves = {name: Shelf() for name in _KINDS}
        self._new_id = Numbers(2944757397136082899)
        self._routes = Routes()
        self._routes.add("GET", "/balance", self._balance)
        self._routes.add("GET", "/phone_numbers", self._phone_numbers)
        for name in _KINDS:
            self._routes.add("GET", f"/{name}", lambda request, name=name: self._list(request, name))
            self._routes.add("POST", f"/{name}", lambda request, name=name: self._create(request, name))
            for method, handler in (("GET", self._get), ("PATCH", self._patch), ("DELETE", self._delete)):
                self._routes.add(
                    method,
                    f"/{name}/{{id}}",
                    lambda request, id, name=name, handler=handler: handler(request, name, id),  # noqa: A006
                )

    @property
    def made(self) -> list[Thing]:
        """Everything that is there."""
        return [thing for shelf in self.shelves.values() for thing in shelf.things.values()]

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.keys:
            return _error(401, "10009", "Authentication failed", "No key found matching the supplied key.")
        found = self._routes.find(request.method, request.url.path.removeprefix(PREFIX))
        if found is None:
            return _error(404, "10005", "Resource not found", f"Nothing at {request.url.path}.")
        handler, parts = found
        return handler(request, **parts)

    def _balance(self, _request: httpx.Request) -> httpx.Response:
        return _data(
            {
                "record_type": "balance",
                "balance": self.balance,
                "credit_limit": "0.00",
                "available_credit": self.balance,
                "pending": "0.00",
                "currency": "USD",
            }
        )

    def _phone_numbers(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params.get("filter[connection_id]")
        found = [
            {"id": str(index), "record_type": "phone_number", "phone_number": number, "connection_id": on}
            for index, (number, on) in enumerate(sorted(self.numbers.items()), 1)
            if wanted in (None, on)
        ]
        return _page(request, found)

    def _list(self, request: httpx.Request, name: str) -> httpx.Response:
        found = list(self.shelves[name].things.values())
        for key, value in request.url.params.multi_items():
            filtered = re.fullmatch(r"filter\[(\w+)\](\[contains\])?", key)
            if filtered is None:
                continue
            field, contains = filtered[1], filtered[2]
            found = [
                each
                for each in found
                if (
                    value.lower() in str(each.get(field)).lower()
                    if contains
                    else str(each.get(field)) == value
                )
            ]
        return _page(request, found)

    def _get(self, _request: httpx.Request, name: str, number: str) -> httpx.Response:
        thing = self.shelves[name].things.get(number)
        return _gone(number) if thing is None else _data(thing)

    def _create(self, request: httpx.Request, name: str) -> httpx.Response:
        body = json.loads(request.content)
        refusal = self._refusal(name, body)
        if refusal is not None:
            return refusal
        number = self._new_id()
        if name == "ips":  # the specification wants these to be UUIDs
            number = str(uuid.UUID(int=int(number)))
        thing = {"id": number, "record_type": _KINDS[name], "created_at": _AT, "updated_at": _AT, **body}
        if name in ("ips", "fqdns") and thing.get("port") is None:
            thing["port"] = 5060
        self.shelves[name].things[number] = thing
        return _data(thing, 200 if name == "outbound_voice_profiles" else 201)

    def _refusal(self, name: str, body: Thing) -> httpx.Response | None:
        missing = [field for field in _REQUIRED.get(name, ()) if not body.get(field)]
        if missing:
            return _error(422, "10004", "Missing required parameter", f"{missing[0]} is missing.", missing[0])
        named = _NAMES.get(name)
        if named is not None:
            if len(body.get(named) or "") < 3:
                return _error(422, "10015", "Bad Request", "The name has less than 3 characters.", named)
            if self.shelves[name].matching(**{named: body[named]}):
                return _error(422, "10012", "Duplicate resource", "This name is taken.", named)
        refused = self.refused_countries & set(body.get("whitelisted_destinations", ()))
        if refused:
            words = f"Not allowed for the following countries: {', '.join(sorted(refused))}"
            return _error(422, "10015", "Bad Request", words, "whitelisted_destinations")
        if name in ("ips", "fqdns") and not self._connection(str(body.get("connection_id"))):
            return _error(422, "10017", "Associated resource missing", "There is no such connection.")
        profile = body.get("outbound", {}).get("outbound_voice_profile_id")
        if profile is not None and profile not in self.shelves["outbound_voice_profiles"].things:
            return _error(422, "10017", "Associated resource missing", "There is no such profile.")
        return None

    def _connection(self, number: str) -> Thing | None:
        return next((shelf[number] for shelf in self._connections() if number in shelf), None)

    def _connections(self) -> list[dict[str, Thing]]:
        return [self.shelves[name].things for name in _CONNECTIONS]

    def _patch(self, request: httpx.Request, name: str, number: str) -> httpx.Response:
        thing = self.shelves[name].things.get(number)
        if thing is None:
            return _gone(number)
        for field, value in json.loads(request.content).items():
            thing[field] = {**thing.get(field, {}), **value} if isinstance(value, dict) else value
        return _data(thing)

    def _delete(self, _request: httpx.Request, name: str, number: str) -> httpx.Response:
        if number not in self.shelves[name].things:
            return _gone(number)
        users = [
            each["id"]
            for shelf in self._connections()
            for each in shelf.values()
            if each.get("outbound", {}).get("outbound_voice_profile_id") == number
        ]
        if users:
            return _error(422, "10021", "Resource in use", f"The connection {users[0]} uses it.")
        thing = self.shelves[name].things.pop(number)
        if name in _CONNECTIONS:
            for kind in ("ips", "fqdns"):
                for each in self.shelves[kind].matching(connection_id=number):
                    del self.shelves[kind].things[each["id"]]
        return _data(thing)


def _data(thing: Any, code: int = 200) -> httpx.Response:
    return httpx.Response(code, json={"data": thing})


def _page(request: httpx.Request, found: list[Thing]) -> httpx.Response:
    size = int(request.url.params.get("page[size]", "20"))
    number = int(request.url.params.get("page[number]", "1"))
    meta = {
        "page_number": number,
        "page_size": size,
        "total_pages": -(-len(found) // size),
        "total_results": len(found),
    }
    shown = found[(number - 1) * size : number * size]
    return httpx.Response(200, json={"data": shown, "meta": meta})


def _gone(number: str) -> httpx.Response:
    return _error(404, "10005", "Resource not found", f"There is no resource {number}.")


def _error(code: int, number: str, title: str, detail: str, pointer: str = "") -> httpx.Response:
    error: Thing = {"code": number, "title": title, "detail": detail}
    if pointer:
        error["source"] = {"pointer": f"/{pointer}"}
    return httpx.Response(code, json={"errors": [error]})
