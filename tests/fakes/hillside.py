"""The documentation's example of a third party's carrier: its package as installed, and its API."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx

from provd.demo.carriers.fake import Numbers, Routes, Shelf, Thing

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "hillside"
TOKEN = "hill-0123456789abcdef"


def install(folder: Path) -> None:
    """Put the package where Python finds it once ``folder`` is on its path, with what an installer notes."""
    shutil.copy(EXAMPLE / "hillside.py", folder)
    project = (EXAMPLE / "pyproject.toml").read_text()
    _, _, offered = project.partition('[project.entry-points."provd.carriers"]\n')
    noted = folder / "provd_hillside-1.0.dist-info"
    noted.mkdir()
    (noted / "METADATA").write_text("Metadata-Version: 2.1\nName: provd-hillside\nVersion: 1.0\n")
    line = offered.splitlines()[0].replace('"', "")
    (noted / "entry_points.txt").write_text(f"[provd.carriers]\n{line}\n")


class FakeHillside:
    """One account. ``trunks`` are by their ids, ``addresses`` by those of their trunks; each trunk has
    ``numbers``."""

    title = "Hillside"

    def __init__(self) -> None:
        self.trunks = Shelf()
        self.addresses: dict[str, Shelf] = {}
        self.numbers: list[dict[str, str]] = []
        self._new_id = Numbers(7001)
        self._routes = Routes()
        add = self._routes.add
        add("GET", "/account", lambda _: _say(200, {"balance": "12.50", "currency": "EUR"}))
        add("GET", "/trunks", lambda _: self._list(self.trunks))
        add("POST", "/trunks", self._make_trunk)
        add("GET", "/trunks/{trunk}", lambda _, trunk: self._get(self.trunks, trunk))
        add("DELETE", "/trunks/{trunk}", self._delete_trunk)
        add("GET", "/trunks/{trunk}/numbers", lambda _, **__: _say(200, {"items": self.numbers}))
        of_trunk = "/trunks/{trunk}/addresses"
        add("GET", of_trunk, lambda _, trunk: self._list(self._of(trunk)))
        add("POST", of_trunk, lambda request, trunk: self._make(self._of(trunk), json.loads(request.content)))
        add("GET", of_trunk + "/{own}", lambda _, trunk, own: self._get(self._of(trunk), own))
        add("DELETE", of_trunk + "/{own}", lambda _, trunk, own: self._delete(self._of(trunk), own))

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _say(401, {"message": "unknown token"})
        found = self._routes.find(request.method, request.url.path.removeprefix("/v1"))
        if found is None:
            return _say(404, {"message": f"nothing is at {request.url.path}"})
        handler, parts = found
        return handler(request, **parts)

    def _of(self, trunk: str) -> Shelf:
        return self.addresses.get(trunk, Shelf())

    def _make_trunk(self, request: httpx.Request) -> httpx.Response:
        answer = self._make(self.trunks, json.loads(request.content))
        self.addresses[answer.json()["id"]] = Shelf()
        return answer

    def _delete_trunk(self, _: httpx.Request, trunk: str) -> httpx.Response:
        if self._of(trunk).things:
            return _say(409, {"message": "the trunk has addresses"})
        return self._delete(self.trunks, trunk)

    def _make(self, shelf: Shelf, wanted: Thing) -> httpx.Response:
        made = {"id": self._new_id(), **wanted}
        shelf.things[made["id"]] = made
        return _say(201, made)

    def _list(self, shelf: Shelf) -> httpx.Response:
        return _say(200, {"items": list(shelf.things.values()), "next": None})

    def _get(self, shelf: Shelf, own: str) -> httpx.Response:
        thing = shelf.things.get(own)
        return _say(404, {"message": "no such thing"}) if thing is None else _say(200, thing)

    def _delete(self, shelf: Shelf, own: str) -> httpx.Response:
        thing = shelf.things.pop(own, None)
        return _say(404, {"message": "no such thing"}) if thing is None else httpx.Response(204)


def _say(code: int, data: Any) -> httpx.Response:
    return httpx.Response(code, json=data)
