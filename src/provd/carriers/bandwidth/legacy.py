"""How the dashboard's API answers: XML, with a root of its own for each kind of answer."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from provd.carriers.api import Page
from provd.carriers.bandwidth.xml import read_xml
from provd.carriers.resource import field

_ITEMS = {"SiteResponse": "Site", "SipPeerResponse": "SipPeer"}
_LISTS = {
    "SitesResponse": "Sites.Site",
    "TNSipPeersResponse": "SipPeers.SipPeer",
    "SipPeerTelephoneNumbersResponse": "SipPeerTelephoneNumbers.SipPeerTelephoneNumber",
}


def read(response: httpx.Response) -> Any:
    """The object, with its ``id``, which may stand in the Location alone; for a list, the whole answer.
    Raises ValueError."""
    made = httpx.URL(response.headers.get("location", "")).path.rstrip("/").rpartition("/")[2]
    if made and not response.content.strip():
        return {"id": made}
    document = read_xml(response.content)
    ((root, content),) = document.items()
    if root in _LISTS:
        return document
    if root not in _ITEMS:
        raise ValueError(f"a {root[:64]} in XML")
    item = field(content, _ITEMS[root])
    if not isinstance(item, dict):
        if not made:
            raise ValueError(f"a {root} without its {_ITEMS[root]}")
        item = {}
    return _with_id(item, made)


def page(data: Any, path: str, params: Mapping[str, str]) -> tuple[list[Any], Page | None]:
    """The things listed, each with its ``id``, and the next page, which a link has. Raises ValueError."""
    for root, where in _LISTS.items():
        if isinstance(data, dict) and root in data:
            items = [_with_id(each) for each in field(data[root], where) or [] if isinstance(each, dict)]
            link = field(data[root], "Links.next")
            return items, (path, {**params, "page": _page_of(link)}) if link else None
    raise ValueError("XML that lists nothing")


def words(response: httpx.Response) -> str:
    """The errors, each with its code. Raises ValueError."""
    said = []
    for error in _errors(read_xml(response.content)):
        code, text = error.get("ErrorCode") or error.get("Code"), error.get("Description")
        said.append(": ".join(filter(None, (f"error {code}" if code else "", str(text or "")))))
    return "; ".join(filter(None, said))


def _with_id(item: dict[str, Any], made: str = "") -> dict[str, Any]:
    return {**item, "id": item.get("Id") or item.get("PeerId") or made}


def _page_of(link: Any) -> str:
    """The number in ``Link=<https://...?page=2&size=500>;rel="next";``."""
    address = str(link).rpartition("<")[2].partition(">")[0]
    number = str(httpx.QueryParams(address.partition("?")[2]).get("page", ""))
    if not number:
        raise ValueError("a link to a next page without its number")
    return number


def _errors(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, list):
        for each in content:
            yield from _errors(each)
    elif isinstance(content, dict):
        for name, value in content.items():
            for each in value if isinstance(value, list) else [value]:
                if name in ("ResponseStatus", "Error") and isinstance(each, dict):
                    yield each
                else:
                    yield from _errors(each)
