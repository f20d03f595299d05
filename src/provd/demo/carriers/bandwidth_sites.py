"""The simulated dashboard of Bandwidth: sites and their SIP peers, in XML."""

import httpx

from provd.carriers.bandwidth.xml import read_xml
from provd.demo.carriers.bandwidth_refusal import Refusal, xml
from provd.demo.carriers.fake import Numbers, Routes, Shelf, Thing

SITES = "Sites"
_TRAFFIC = ("LITE", "DOMESTIC", "ALL")
_MOST_HOSTS = 10
_LONGEST_NAME = 10


class Sites:
    """The sites of one account. ``numbers`` are on SIP peers, by their ids. A new peer's id is told in the
    Location header alone, as is a new site's with ``terse``."""

    def __init__(self, account_id: str, numbers: dict[str, str], page_size: int) -> None:
        self.shelf = Shelf()
        self.peers = Shelf()
        self.routes = Routes()
        self.terse = False
        self._account_id = account_id
        self._numbers = numbers
        self._page_size = page_size
        self._new_id = Numbers(39801)
        self.routes.add("GET", "/sites", self._list)
        self.routes.add("POST", "/sites", self._create)
        self.routes.add("GET", "/sites/{site}", self._get)
        self.routes.add("DELETE", "/sites/{site}", self._delete)
        self.routes.add("GET", "/sites/{site}/sippeers", self._list_peers)
        self.routes.add("POST", "/sites/{site}/sippeers", self._create_peer)
        self.routes.add("GET", "/sites/{site}/sippeers/{peer}", self._get_peer)
        self.routes.add("DELETE", "/sites/{site}/sippeers/{peer}", self._delete_peer)
        self.routes.add("GET", "/sites/{site}/sippeers/{peer}/tns", self._list_numbers)

    @property
    def made(self) -> list[Thing]:
        """Everything that is there."""
        return [*self.shelf.things.values(), *self.peers.things.values()]

    def _list(self, _request: httpx.Request) -> httpx.Response:
        return xml("SitesResponse", {"Sites": {"Site": list(self.shelf.things.values())}})

    def _create(self, request: httpx.Request) -> httpx.Response:
        site = _document(request, "Site")
        _check_name(site.get("Name"), [each["Name"] for each in self.shelf.things.values()], 400)
        number = self._new_id()
        self.shelf.things[number] = {"Id": number, **site}
        if self.terse:
            return httpx.Response(201, headers={"Location": f"{request.url}/{number}"})
        return xml("SiteResponse", {"Site": self.shelf.things[number]}, 201, f"{request.url}/{number}")

    def _get(self, _request: httpx.Request, site: str) -> httpx.Response:
        return xml("SiteResponse", {"Site": self._site(site)})

    def _delete(self, _request: httpx.Request, site: str) -> httpx.Response:
        self._site(site)
        if self.peers.matching(site=site):
            raise Refusal(400, "", f"Site '{site}' has SIP peers")
        del self.shelf.things[site]
        return httpx.Response(200)

    def _site(self, number: str) -> Thing:
        if number not in self.shelf.things:
            raise Refusal(404, 12016, f"Site '{number}' does not exist")
        return self.shelf.things[number]

    def _list_peers(self, _request: httpx.Request, site: str) -> httpx.Response:
        self._site(site)
        peers = [each["peer"] for each in self.peers.matching(site=site)]
        return xml("TNSipPeersResponse", {"SipPeers": {"SipPeer": peers}})

    def _create_peer(self, request: httpx.Request, site: str) -> httpx.Response:
        self._site(site)
        peer, others = _document(request, "SipPeer"), self.peers.matching(site=site)
        _check_name(peer.get("PeerName"), [each["peer"]["PeerName"] for each in others], 409)
        if not others and peer.get("IsDefaultPeer") != "true":
            words = "The account requires at least one Default Sip Peer"
            raise Refusal(400, 13522, f"IsDefaultPeer cannot be false right now. {words}")
        self._check_hosts(peer)
        number = self._new_id()
        self.peers.things[number] = {"site": site, "peer": {"PeerId": number, **peer}}
        return httpx.Response(201, headers={"Location": f"{request.url}/{number}"})

    def _check_hosts(self, peer: Thing) -> None:
        voice = [(each["HostName"], each.get("Port")) for each in _hosts(peer, "VoiceHosts", "Host")]
        if len(set(voice)) < len(voice):
            raise Refusal(400, 13553, "Duplicate host (and port) in VoiceHosts")
        if len(voice) > _MOST_HOSTS:
            raise Refusal(400, "", f"VoiceHosts has more than {_MOST_HOSTS} hosts")
        used = [
            each["HostName"]
            for known in self.peers.things.values()
            for each in _hosts(known["peer"], "TerminationHosts", "TerminationHost")
        ]
        for each in _hosts(peer, "TerminationHosts", "TerminationHost"):
            host = each["HostName"]
            if host in used:
                raise Refusal(400, 13569, f"A termination host with HostName = {host} is already in use")
            used.append(host)
            if each.get("CustomerTrafficAllowed") not in _TRAFFIC:
                words = f"value on host {host}:{each.get('Port')} are not allowed for this sippeer"
                raise Refusal(400, 13590, f"The supplied CustomerTrafficAllowed {words}")

    def _get_peer(self, _request: httpx.Request, site: str, peer: str) -> httpx.Response:
        return xml("SipPeerResponse", {"SipPeer": self._peer(site, peer, 400)["peer"]})

    def _delete_peer(self, _request: httpx.Request, site: str, peer: str) -> httpx.Response:
        self._peer(site, peer, 404)
        if peer in self._numbers.values():
            raise Refusal(400, "", f"Sip Peer '{peer}' has telephone numbers")
        del self.peers.things[peer]
        return httpx.Response(200)

    def _peer(self, site: str, number: str, missing: int) -> Thing:
        found = self.peers.things.get(number)
        if found is None or found["site"] != site:
            words = f"Sip Peer '{number}' account '{self._account_id}' and site '{site}' does not exist"
            raise Refusal(missing, 13563, words)
        return found

    def _list_numbers(self, request: httpx.Request, site: str, peer: str) -> httpx.Response:
        self._peer(site, peer, 400)
        found = sorted(number for number, on in self._numbers.items() if on == peer)
        page = int(request.url.params.get("page", "1"))
        size = min(int(request.url.params.get("size", "5000")), self._page_size)
        links = {"first": _link(request, 1, size, "first")}
        if page * size < len(found):
            links["next"] = _link(request, page + 1, size, "next")
        shown = [{"FullNumber": each} for each in found[(page - 1) * size : page * size]]
        content = {"Links": links, "SipPeerTelephoneNumbers": {"SipPeerTelephoneNumber": shown}}
        return xml("SipPeerTelephoneNumbersResponse", content)


def _check_name(name: str | None, taken: list[str], code: int) -> None:
    if not name:
        raise Refusal(400, 1003, "Name is required")
    if len(name) > _LONGEST_NAME:
        raise Refusal(400, "", f"The name '{name}' has more than {_LONGEST_NAME} characters")
    if name in taken:
        raise Refusal(code, "", f"The name '{name}' is taken")


def _hosts(peer: Thing, plural: str, name: str) -> list[Thing]:
    within = peer.get(plural)
    return within[name] if isinstance(within, dict) else []


def _document(request: httpx.Request, root: str) -> Thing:
    try:
        content = read_xml(request.content).get(root)
    except ValueError as error:
        raise Refusal(400, "", f"The body can't be read: {error}") from None
    if not isinstance(content, dict):
        raise Refusal(400, 1003, f"{root} is required")
    return content


def _link(request: httpx.Request, page: int, size: int, rel: str) -> str:
    address = request.url.copy_with(params={"page": str(page), "size": str(size)})
    return f'Link=<{address}>;rel="{rel}";'
