"""How a simulated Bandwidth says no, and writes XML."""

import httpx

from provd.carriers.bandwidth.xml import write_xml
from provd.demo.carriers.fake import Thing


class Refusal(Exception):
    """What is answered instead. ``number`` is the error's own code, "" where Bandwidth publishes none."""

    def __init__(self, code: int, number: int | str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.number = number

    def in_json(self) -> httpx.Response:
        """As the Universal platform has it."""
        error = {"type": self.number, "description": str(self)}
        return httpx.Response(self.code, json={"data": None, "links": [], "errors": [error]})

    def in_xml(self) -> httpx.Response:
        """As the dashboard has it."""
        status: Thing = {"ErrorCode": self.number} if self.number else {}
        return xml("ErrorResponse", {"ResponseStatus": {**status, "Description": str(self)}}, self.code)


def xml(root: str, content: Thing, code: int = 200, location: str = "") -> httpx.Response:
    """An answer in XML."""
    body, media_type = write_xml({root: content})
    headers = {"Content-Type": media_type, **({"Location": location} if location else {})}
    return httpx.Response(code, content=body, headers=headers)
