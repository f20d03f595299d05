"""How Bandwidth's two APIs are spoken."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from provd.carriers.api import Page
from provd.carriers.bandwidth import legacy, universal
from provd.carriers.bandwidth.models import BandwidthCredentials
from provd.carriers.bandwidth.oauth import ClientCredentials
from provd.carriers.bandwidth.xml import write_xml
from provd.carriers.rest import write_json

UNIVERSAL_URL = "https://api.bandwidth.com"
LEGACY_URL = "https://dashboard.bandwidth.com"
SITES = "/sites"
PACKAGES = "/voiceConfigurationPackages"
_TOKEN_PATH = "/api/v1/oauth2/token"  # noqa: S105 - an address
_DOCUMENTS = ("Site", "SipPeer")


class BandwidthDialect:
    """Paths are within the account: from ``/sites`` on they are the dashboard's, which speaks XML, all others
    the Universal platform's, which speaks JSON. A ``base_url`` that is not "" serves both."""

    title = "Bandwidth"

    def __init__(self, credentials: BandwidthCredentials, base_url: str) -> None:
        base_url = base_url.rstrip("/")
        account = f"accounts/{quote(credentials.account_id, safe='')}"
        self._universal = f"{base_url or UNIVERSAL_URL}/v2/{account}"
        self._legacy = f"{base_url or LEGACY_URL}/api/v2/{account}"
        self.auth: httpx.Auth = (
            ClientCredentials(
                credentials.client_id,
                credentials.client_secret.get_secret_value(),
                (base_url or UNIVERSAL_URL) + _TOKEN_PATH,
            )
            if credentials.has_client
            else httpx.BasicAuth(credentials.username, credentials.password.get_secret_value())
        )

    def url(self, path: str) -> str:
        """The address of a path."""
        return (self._legacy if _is_legacy(path) else self._universal) + path

    def write(self, body: Any) -> tuple[bytes, str]:
        """A body, and its media type; what has the root of an XML document as its one key is one."""
        return write_xml(body) if len(body) == 1 and next(iter(body)) in _DOCUMENTS else write_json(body)

    def read(self, response: httpx.Response) -> Any:
        """What an answer says."""
        from_legacy = str(response.request.url).startswith(f"{self._legacy}/")
        return legacy.read(response) if from_legacy else universal.read(response)

    def words(self, response: httpx.Response) -> str:
        """What a refusal says. Each API may refuse in the other's language, before it knows what is asked."""
        in_xml = response.content.lstrip().startswith(b"<")
        return legacy.words(response) if in_xml else universal.words(response)

    def page(self, data: Any, path: str, params: Mapping[str, str]) -> tuple[list[Any], Page | None]:
        """The things listed, and the next page."""
        return legacy.page(data, path, params) if _is_legacy(path) else universal.page(data, path, params)


def _is_legacy(path: str) -> bool:
    return path == SITES or path.startswith(f"{SITES}/")
