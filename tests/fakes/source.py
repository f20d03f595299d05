"""Where requests come from that are never sent."""

from provd.probe.address import SocketAddress
from provd.probe.request import make_template
from provd.probe.settings import RequestShape
from provd.probe.source import Source
from provd.schema.provider import Transport


class _NoSender:
    def send(self, _data: bytes, _peer: SocketAddress) -> None:
        raise AssertionError("nothing is sent here")


NOWHERE = Source(make_template(RequestShape(), ("198.51.100.1", 5061), Transport.UDP), _NoSender())
