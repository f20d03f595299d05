"""How Telnyx's API is spoken."""

from collections.abc import Mapping
from typing import Any

import httpx

from provd.carriers.api import Page
from provd.carriers.rest import BearerAuth, read_json, read_object, write_json

BASE_URL = "https://api.telnyx.com/v2"


class TelnyxDialect:
    """JSON; what is asked for stands in ``data``, pages are numbered, errors have codes of five digits."""

    title = "Telnyx"

    def __init__(self, key: str, base_url: str) -> None:
        self.auth = BearerAuth(key)
        self._base_url = base_url

    def url(self, path: str) -> str:
        """The address of a path."""
        return self._base_url + path

    def write(self, body: Any) -> tuple[bytes, str]:
        """A body, and its media type."""
        return write_json(body)

    def read(self, response: httpx.Response) -> Any:
        """The object in ``data``; for a list, the whole answer."""
        whole = read_object(response)
        data = whole.get("data")
        if data is None:
            raise ValueError("JSON without data")
        return data if isinstance(data, dict) else whole

    def words(self, response: httpx.Response) -> str:
        """The errors, each with its code."""
        whole = read_json(response)
        errors = whole.get("errors") if isinstance(whole, dict) else None
        said = []
        for error in errors if isinstance(errors, list) else []:
            if isinstance(error, dict):
                source = error.get("source")
                where = source.get("pointer") or source.get("parameter") if isinstance(source, dict) else None
                parts = [
                    error.get("title"),
                    error.get("detail"),
                    where and f"at {where}",
                    f"code {error.get('code')}",
                ]
                said.append(", ".join(str(part).rstrip(".") for part in parts if part))
        return "; ".join(said)

    def page(self, data: Any, path: str, params: Mapping[str, str]) -> tuple[list[Any], Page | None]:
        """The things listed, and the next page's number."""
        items, meta = data.get("data"), data.get("meta")
        if not isinstance(items, list) or not isinstance(meta, dict):
            raise ValueError("a list without data or meta")
        number = int(params.get("page[number]", "1"))
        if not items or number >= int(meta.get("total_pages") or 0):
            return items, None
        return items, (path, {**params, "page[number]": str(number + 1)})
