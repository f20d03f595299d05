"""How a connection is opened: TCP, then TLS where it is wanted, each with its time."""

import asyncio
import socket
from collections.abc import Callable
from typing import TypeVar

from provd.probe.address import SocketAddress
from provd.probe.stream.failure import Failure, NotConnected, handshake_failure, network_failure, own_failure
from provd.probe.stream.layer import TlsLayer
from provd.probe.stream.progress import Progress
from provd.probe.stream.route import Route
from provd.probe.stream.tls import TlsFiles
from provd.schema.health import Cause
from provd.schema.provider import Transport

ProtocolT = TypeVar("ProtocolT", bound=asyncio.Protocol)


async def open_stream(
    route: Route,
    tls: TlsFiles,
    make_protocol: Callable[[SocketAddress], ProtocolT],
    progress: Progress,
    clock: Callable[[], float],
) -> tuple[asyncio.Transport, ProtocolT]:
    """Connect the protocol that ``make_protocol(local address)`` gives; with TLS, when hands are shaken.

    ``progress`` is told of each stage. Raises NotConnected. When it is cancelled, nothing stays open.
    """
    layer = _new_layer(route, tls) if route.transport is Transport.TLS else None
    progress.begin_connection(clock())
    connected = await _connected_socket(route)
    try:
        host, port, *_ = connected.getsockname()
        progress.connected(clock(), (host, port), is_tls=layer is not None)
        protocol = make_protocol((host, port))
    except BaseException:
        connected.close()
        raise
    loop = asyncio.get_running_loop()
    if layer is None:
        transport, _ = await loop.create_connection(lambda: protocol, sock=connected)
        return transport, protocol
    layer.carry(protocol)
    await loop.create_connection(lambda: layer, sock=connected)
    try:
        error = await layer.shaken
    except BaseException:
        layer.abort()
        raise
    if error is not None:
        raise NotConnected(handshake_failure(error, has_certificate=tls.has_certificate))
    return layer, protocol


def _new_layer(route: Route, tls: TlsFiles) -> TlsLayer:
    name = route.server_name.rstrip(".")
    try:
        return TlsLayer(tls.context(verify=route.verify), name)
    except ValueError as error:
        words = f"TLS can't ask for the server name {name!r}: {error}"
        raise NotConnected(Failure(Cause.LOCAL, words)) from error
    except OSError as error:  # Python reads a file of its own when it is first asked for a name
        raise NotConnected(own_failure(error)) from error


async def _connected_socket(route: Route) -> socket.socket:
    family = socket.AF_INET6 if ":" in route.address[0] else socket.AF_INET
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise NotConnected(own_failure(error)) from error
    try:
        made.setblocking(False)
        if route.bind is not None:
            if route.bind[1]:  # one port of ours for connections to several peers
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(route.bind)
        await _connect(made, route.address)
    except OSError as error:
        made.close()
        raise NotConnected(own_failure(error)) from error
    except BaseException:
        made.close()
        raise
    return made


async def _connect(unconnected: socket.socket, address: SocketAddress) -> None:
    try:
        unconnected.connect(address)  # raises what our own routes and limits say, before anything is sent
    except BlockingIOError:
        await _until_writable(unconnected)
    number = unconnected.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise NotConnected(network_failure(OSError(number, "")))


async def _until_writable(connecting: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    writable = loop.create_future()
    loop.add_writer(connecting, lambda: None if writable.done() else writable.set_result(None))
    try:
        await writable
    finally:
        loop.remove_writer(connecting)
