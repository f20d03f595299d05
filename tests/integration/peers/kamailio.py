"""Kamailio on loopback, without privileges and with little memory."""

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.certificates import Identity

from . import HOST, running_peer

PROGRAM = shutil.which("kamailio", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")
TLS_MODULE = next(Path("/usr/lib").glob("*/kamailio/modules/tls.so"), None)
REDIRECT_MODULE = next(Path("/usr/lib").glob("*/kamailio/modules/uac_redirect.so"), None)
_CONFIGURATION = Path(__file__).with_name("kamailio.cfg")
_STREAMS = Path(__file__).with_name("kamailio_streams.cfg")
_REDIRECT = Path(__file__).with_name("kamailio_redirect.cfg")
_DISPATCHER = Path(__file__).with_name("kamailio_dispatcher.cfg")
_ACCOUNTING = Path(__file__).with_name("kamailio_accounting.cfg")
_TLS_FILE = """
[server:default]
method = TLSv1.2+
certificate = {identity.cert_file}
private_key = {identity.key_file}
verify_certificate = {verify}
require_certificate = {verify}
"""


@asynccontextmanager
async def running_kamailio(port: int, folder: Path) -> AsyncIterator[None]:
    """Have Kamailio answer OPTIONS at ``port`` for as long as the block lasts."""
    memory = ("-m", "8", "-M", "4")  # MiB: shared, and of each process
    places = ("-f", _CONFIGURATION, "-l", f"udp:{HOST}:{port}", "-Y", folder, "-w", folder)
    async with running_peer([PROGRAM or "kamailio", "-DD", "-E", *memory, *places], port, folder):
        yield


@asynccontextmanager
async def running_redirected_kamailio(port: int, folder: Path, redirect_uri: str) -> AsyncIterator[None]:
    """Have Kamailio at ``port`` ask the redirect server at ``redirect_uri`` where each call goes."""
    memory = ("-m", "16", "-M", "4")  # MiB: shared, and of each process
    asked = ("-A", f'REDIRECT_URI="{redirect_uri}"')
    places = ("-f", _REDIRECT, *asked, "-l", f"udp:{HOST}:{port}", "-Y", folder, "-w", folder)
    async with running_peer([PROGRAM or "kamailio", "-DD", "-E", *memory, *places], port, folder):
        yield


@asynccontextmanager
async def running_accounting_kamailio(port: int, folder: Path) -> AsyncIterator[None]:
    """Have Kamailio at ``port`` send calls as ``dispatcher.list`` of ``folder`` says; its log is
    ``output.log`` there."""
    memory = ("-m", "16", "-M", "4")  # MiB: shared, and of each process
    listed = ("-A", f'LIST="{folder / "dispatcher.list"}"')
    places = ("-f", _ACCOUNTING, *listed, "-l", f"udp:{HOST}:{port}", "-Y", folder, "-w", folder)
    async with running_peer([PROGRAM or "kamailio", "-DD", "-E", *memory, *places], port, folder):
        yield


@asynccontextmanager
async def running_dispatching_kamailio(port: int, folder: Path) -> AsyncIterator[None]:
    """Have Kamailio load ``dispatcher.list`` of ``folder``, and answer at ``rpc.sock`` and ``rpc.fifo``."""
    memory = ("-m", "64", "-M", "16")  # MiB: shared, and of each process
    files = ("-f", _DISPATCHER, "-A", f'FOLDER="{folder}"', "-Y", folder, "-w", folder)
    command = [PROGRAM or "kamailio", "-DD", "-E", *memory, "-l", f"udp:{HOST}:{port}", *files]
    async with running_peer(command, port, folder):
        yield


@asynccontextmanager
async def running_tls_kamailio(
    ports: Sequence[int], folder: Path, identity: Identity, client_ca: Path | None = None
) -> AsyncIterator[None]:
    """Have Kamailio answer OPTIONS at the first of ``ports`` by UDP and TCP, at the second by TLS.

    With ``client_ca`` it wants a certificate from that issuer. Each answer has an X-Connection header with
    the number of the connection.
    """
    port, tls_port = ports
    wanted = _TLS_FILE.format(identity=identity, verify="no" if client_ca is None else "yes")
    tls_file = folder / "tls.conf"
    tls_file.write_text(wanted if client_ca is None else f"{wanted}ca_list = {client_ca}\n")
    memory = ("-m", "32", "-M", "8")  # MiB: shared, and of each process
    listening = (f"udp:{HOST}:{port}", f"tcp:{HOST}:{port}", f"tls:{HOST}:{tls_port}")
    places = [part for each in listening for part in ("-l", each)]
    files = ("-f", _STREAMS, "-A", f'TLS_FILE="{tls_file}"', "-Y", folder, "-w", folder)
    async with running_peer([PROGRAM or "kamailio", "-DD", *memory, *places, *files], port, folder):
        yield
