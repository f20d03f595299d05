"""The simulated Universal platform of Bandwidth: voice configuration packages, in JSON."""

import json

import httpx

from provd.demo.carriers.bandwidth_refusal import Refusal
from provd.demo.carriers.fake import Numbers, Routes, Shelf, Thing

PACKAGES = "VoiceConfigurationPackages"


class Packages:
    """The packages of one account. ``numbers`` are on them, by their ids."""

    def __init__(self, numbers: dict[str, str], page_size: int) -> None:
        self.shelf = Shelf()
        self.routes = Routes()
        self._numbers = numbers
        self._page_size = page_size
        self._new_id = Numbers(10398001)
        self.routes.add("GET", "/voiceConfigurationPackages", self._list)
        self.routes.add("POST", "/voiceConfigurationPackages", self._create)
        self.routes.add("GET", "/voiceConfigurationPackages/{number}", self._get)
        self.routes.add("DELETE", "/voiceConfigurationPackages/{number}", self._delete)
        self.routes.add("GET", "/phoneNumbers/voice", self._list_numbers)

    @property
    def made(self) -> list[Thing]:
        """Everything that is there."""
        return list(self.shelf.things.values())

    def _list(self, request: httpx.Request) -> httpx.Response:
        return self._page(request, self.made)

    def _create(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if not body.get("name"):
            raise Refusal(400, "validation", "name is required")
        if self.shelf.matching(name=body["name"]):
            raise Refusal(409, "conflict", f"There is a package with the name {body['name']}")
        for route in (body.get("originationRoutePlan") or {}).get("routes", []):
            for each in route["endpoints"]:
                _check_endpoint(each)
        number = f"{self._new_id()}-0000-4000-8000-000000000000"
        thing = {"voiceConfigurationPackageId": number, "originationRoutePlan": None, **body}
        self.shelf.things[number] = thing
        return _data(thing, 201)

    def _get(self, _request: httpx.Request, number: str) -> httpx.Response:
        return _data(self._package(number))

    def _delete(self, _request: httpx.Request, number: str) -> httpx.Response:
        self._package(number)
        if number in self._numbers.values():
            raise Refusal(409, "conflict", "Phone numbers are assigned to this package")
        del self.shelf.things[number]
        return httpx.Response(204)

    def _package(self, number: str) -> Thing:
        if number not in self.shelf.things:
            raise Refusal(404, "not-found", f"There is no package {number}")
        return self.shelf.things[number]

    def _list_numbers(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params.get("voiceConfigurationPackageId")
        found = [
            {"phoneNumber": number, "voiceConfigurationPackageId": on}
            for number, on in sorted(self._numbers.items())
            if wanted in (None, on)
        ]
        return self._page(request, found)

    def _page(self, request: httpx.Request, found: list[Thing]) -> httpx.Response:
        first, size = int(request.url.params.get("offset", "0")), self._page_size
        about = {
            "pageNumber": first // size,
            "pageSize": size,
            "totalElements": len(found),
            "totalPages": -(-len(found) // size),
        }
        shown = found[first : first + size]
        return httpx.Response(200, json={"data": shown, "page": about, "links": [], "errors": []})


def _check_endpoint(given: Thing) -> None:
    endpoint, kind = given["endpoint"], given["type"]
    fits = {"IP_V4": ":" not in endpoint, "SIP": endpoint.startswith("sip:")}
    if not fits.get(kind, True):
        raise Refusal(400, "validation", f"{endpoint} is no endpoint of the type {kind}")


def _data(thing: Thing, code: int = 200) -> httpx.Response:
    return httpx.Response(code, json={"data": thing, "links": [], "errors": []})
