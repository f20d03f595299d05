"""Calls that the redirect server was asked about."""

from pydantic import Field

from provd.schema.model import Model
from provd.schema.route import Skipped, Tried
from provd.schema.timestamps import Timestamp


class RedirectAttempt(Tried):
    """One Contact of the answer."""

    uri: str = Field(description="the Contact's URI, without the headers that it may have")


class Redirect(Model):
    """One INVITE, what it was answered, and why."""

    at: Timestamp
    source: str = Field(description="address:port that the INVITE came from")
    transport: str
    call_id: str
    caller: str = Field(description="the user of its From")
    destination: str = Field(description="its Request-URI")
    number: str = Field(description="the number in it; empty when there is none")
    code: int = Field(description="302, 404 or 503")
    attempts: list[RedirectAttempt]
    skipped: list[Skipped]
    message: str = Field(description="what is to be known about it; empty when nothing is")


class RedirectList(Model):
    """The latest redirects, newest first."""

    result: list[Redirect]


class CallRedirected(Model):
    """What was redirected since the last such event; ``left_out`` counts what there was no room for."""

    redirects: list[Redirect]
    left_out: int = 0
