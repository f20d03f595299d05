"""What both APIs say, as it is read."""

from typing import Any

import httpx
import pytest

from provd.carriers.bandwidth.dialect import BandwidthDialect
from provd.carriers.bandwidth.models import BandwidthCredentials

from .account import BY_CLIENT

STATUS = "<SiteResponse><ResponseStatus>{}</ResponseStatus></SiteResponse>"
SITES, PACKAGES = "/sites", "/voiceConfigurationPackages"


def dialect() -> BandwidthDialect:
    return BandwidthDialect(BandwidthCredentials.model_validate(BY_CLIENT), "")


def answer(path: str, content: str | bytes, code: int = 200, **headers: str) -> httpx.Response:
    request = httpx.Request("GET", dialect().url(path))
    return httpx.Response(code, content=content, headers=headers, request=request)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            STATUS.format("<ErrorCode>12016</ErrorCode><Description>Site '1' does not exist</Description>"),
            "error 12016: Site '1' does not exist",
        ),
        (
            STATUS.format("<Description>Service is Unavailable</Description>"),
            "Service is Unavailable",
        ),
        (STATUS.format("<ErrorCode>5</ErrorCode>"), "error 5"),
        (
            "<R><Errors><Error><Code>1</Code></Error><Error><Description>b</Description></Error></Errors></R>",
            "error 1; b",
        ),
        ("<R><Site><Description>our own words</Description></Site></R>", ""),
        ("<html><body>no</body></html>", ""),
        ('{"errors": [{"code": "a-1", "type": "request", "description": "No."}]}', "a-1, request, No."),
        ('{"errors": [{"description": "a"}, {"description": "b"}, "c"]}', "a; b; c"),
        (
            '{"error": "invalid_client", "error_description": "Client unknown"}',
            "invalid_client, Client unknown",
        ),
        ('{"message": "Forbidden", "detail": null}', "Forbidden"),
        ('{"errors": [], "code": 7}', "7"),
        ('{"errors": [{"source": {}}]}', ""),
        ("[]", ""),
        ("null", ""),
    ],
)
@pytest.mark.parametrize("path", [SITES, PACKAGES])
def test_a_refusal_is_read_in_either_language(path: str, content: str, words: str) -> None:
    assert dialect().words(answer(path, content, 400)) == words


@pytest.mark.parametrize("content", ["", "Forbidden", "<br>", "<!DOCTYPE html><html/>", "{", b"\xff"])
@pytest.mark.parametrize("path", [SITES, PACKAGES])
def test_a_refusal_without_words_is_no_crash(path: str, content: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"no JSON|no XML|document type"):
        dialect().words(answer(path, content, 400))


@pytest.mark.parametrize(
    ("content", "location", "found"),
    [
        ("", "https://dashboard.bandwidth.com/api/v2/accounts/1/sites/14", "14"),
        ("", "/accounts/1/sites/14/", "14"),
        (" \n", "/api/accounts/1/sites/3/sippeers/500?x=y", "500"),
        ("<SipPeerResponse/>", "/sippeers/500", "500"),
        ("<SiteResponse><Site><Name>a</Name></Site></SiteResponse>", "/sites/14", "14"),
        ("<SiteResponse><Site><Id>15</Id></Site></SiteResponse>", "/sites/14", "15"),
        ("<SiteResponse><Site><Id>15</Id></Site></SiteResponse>", "", "15"),
        ("<SipPeerResponse><SipPeer><PeerId>16</PeerId></SipPeer></SipPeerResponse>", "", "16"),
    ],
)
def test_the_id_of_a_new_thing_is_in_its_body_or_its_location(
    content: str, location: str, found: str
) -> None:
    headers = {"Location": location} if location else {}
    assert dialect().read(answer(SITES, content, 201, **headers))["id"] == found


@pytest.mark.parametrize(
    "content",
    ["", "{}", "<SiteResponse/>", "<html><body>hello</body></html>", "<SiteResponse><Site/></SiteResponse>"],
)
def test_an_answer_in_xml_that_says_nothing_known_is_unreadable(content: str) -> None:
    with pytest.raises(ValueError, match=r"XML|without its"):
        dialect().read(answer(SITES, content))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"data": null}', '{"data": "x"}', "<SitesResponse/>"])
def test_an_answer_in_json_that_says_nothing_known_is_unreadable(content: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dialect().read(answer(PACKAGES, content))


LINK = "Link=&lt;http://dashboard.bandwidth.com/iris/accounts/1/sites/2/sippeers/3/tns?size=500&amp;page="


@pytest.mark.parametrize(
    ("content", "ids", "following"),
    [
        ("<SitesResponse/>", [], None),
        ("<SitesResponse><Sites/></SitesResponse>", [], None),
        ("<SitesResponse><Sites><Site><Id>1</Id></Site></Sites></SitesResponse>", ["1"], None),
        (
            "<SitesResponse><Sites><Site><Id>1</Id></Site><Site><Id>2</Id></Site></Sites></SitesResponse>",
            ["1", "2"],
            None,
        ),
        (
            "<TNSipPeersResponse><SipPeers><SipPeer><PeerId>9</PeerId></SipPeer></SipPeers></TNSipPeersResponse>",
            ["9"],
            None,
        ),
        (
            f"<SitesResponse><Links><first>{LINK}1</first><next>{LINK}2&gt;;</next></Links></SitesResponse>",
            [],
            "2",
        ),
    ],
)
def test_lists_in_xml(content: str, ids: list[str], following: str | None) -> None:
    data = dialect().read(answer(SITES, content))
    items, more = dialect().page(data, SITES, {"size": "500"})
    assert [each["id"] for each in items] == ids
    assert more == ((SITES, {"size": "500", "page": following}) if following else None)


@pytest.mark.parametrize("data", [{"id": "1"}, {}, None, [], {"SiteResponse": {}}])
def test_what_is_no_list_in_xml_is_unreadable(data: Any) -> None:
    with pytest.raises(ValueError, match="lists nothing"):
        dialect().page(data, SITES, {})


def test_a_next_page_without_its_number_is_unreadable() -> None:
    data = {"SitesResponse": {"Links": {"next": "( a link goes here )"}}}
    with pytest.raises(ValueError, match="without its number"):
        dialect().page(data, SITES, {})


@pytest.mark.parametrize(
    ("data", "offset", "following"),
    [
        ({"data": [1, 2]}, "", None),
        ({"data": [1, 2], "page": {"totalElements": 2}}, "", None),
        ({"data": [1, 2], "page": {"totalElements": 5}}, "", "2"),
        ({"data": [1, 2], "page": {"totalElements": 5}}, "2", "4"),
        ({"data": [1], "page": {"totalElements": 5}}, "4", None),
        ({"data": [], "page": {"totalElements": 5}}, "2", None),
        ({"data": [1], "page": {"totalElements": "many"}}, "", None),
        ({"data": [1], "page": None}, "", None),
    ],
)
def test_lists_in_json(data: Any, offset: str, following: str | None) -> None:
    asked = {"offset": offset} if offset else {}
    items, more = dialect().page(data, PACKAGES, asked)
    assert items == data["data"]
    assert more == ((PACKAGES, {"offset": following}) if following else None)


@pytest.mark.parametrize("data", [{}, {"data": {}}, None, {"data": None}])
def test_what_is_no_list_in_json_is_unreadable(data: Any) -> None:
    with pytest.raises(ValueError, match="without data"):
        dialect().page(data, PACKAGES, {})


def test_bodies_are_written_in_the_language_of_their_api() -> None:
    assert dialect().write({"name": "x"}) == (b'{"name":"x"}', "application/json")
    content, media_type = dialect().write({"Site": {"Name": "x"}})
    assert content.endswith(b"<Site><Name>x</Name></Site>")
    assert media_type == "application/xml"
