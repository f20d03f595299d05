"""The checker of XML can fail."""

import httpx
import pytest

from tests.fakes.carriers.contract import BrokenContract

from .xml_contract import xml_contract

BASE = "https://dashboard.bandwidth.com/api/v2/accounts/1"
PEER = "<SipPeer><PeerName>a</PeerName>{}</SipPeer>"
HOST = (
    "<TerminationHosts><TerminationHost><HostName>192.0.2.1</HostName>{}</TerminationHost></TerminationHosts>"
)


def request(method: str, path: str, content: str = "") -> httpx.Request:
    headers = {"Content-Type": "application/xml"} if content else {}
    return httpx.Request(method, BASE + path, content=content, headers=headers)


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/sites?tnCounts=true", ""),
        ("POST", "/sites", "<Site><Name>0123456789</Name></Site>"),
        ("POST", "/sites/2/sippeers", PEER.format("<IsDefaultPeer>true</IsDefaultPeer>")),
        ("POST", "/sites/2/sippeers", PEER.format(HOST.format("<Port>0</Port>"))),
        ("GET", "/sites/2/sippeers/3/tns?page=1&size=500", ""),
    ],
)
def test_what_is_specified_is_taken(method: str, path: str, content: str) -> None:
    xml_contract().check_request(request(method, path, content))


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/nothing", ""),
        ("PATCH", "/sites/2", "<Site><Name>a</Name></Site>"),
        ("GET", "/sites?tnCounts=perhaps", ""),
        ("GET", "/sites/2/sippeers/3/tns?page=first", ""),
        ("POST", "/sites", ""),
        ("GET", "/sites", "<Site/>"),
        ("POST", "/sites", "<SipPeer><PeerName>a</PeerName></SipPeer>"),
        ("POST", "/sites", "<Site><Name>01234567890</Name></Site>"),
        ("POST", "/sites", "<Site><Title>a</Title></Site>"),
        ("POST", "/sites/2/sippeers", "<SipPeer><PeerName>01234567890</PeerName></SipPeer>"),
        ("POST", "/sites/2/sippeers", PEER.format("<IsDefaultPeer>yes</IsDefaultPeer>")),
        (
            "POST",
            "/sites/2/sippeers",
            PEER.format(HOST.format("<CustomerTrafficAllowed>SOME</CustomerTrafficAllowed>")),
        ),
        ("POST", "/sites/2/sippeers", PEER.format("<VoiceHosts><HostName>192.0.2.1</HostName></VoiceHosts>")),
    ],
)
def test_what_is_not_specified_is_refused(method: str, path: str, content: str) -> None:
    with pytest.raises(BrokenContract):
        xml_contract().check_request(request(method, path, content))


@pytest.mark.parametrize(
    ("code", "content"),
    [
        (200, "<SiteResponse><Site><Id>1</Id></Site></SiteResponse>"),
        (201, ""),
        (201, "<SitesResponse/>"),
        (201, "<SiteResponse><Site><Id>one</Id></Site></SiteResponse>"),
        (201, "<SiteResponse><Id>1</Id></SiteResponse>"),
    ],
)
def test_answers_that_are_not_specified_are_refused(code: int, content: str) -> None:
    with pytest.raises(BrokenContract):
        xml_contract().check_answer(request("POST", "/sites", "<Site/>"), httpx.Response(code, text=content))
