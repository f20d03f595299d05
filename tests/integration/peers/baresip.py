"""baresip on loopback: a phone that answers by itself, and sends back what it hears."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from provd.schema.provider import Transport
from tests.fakes.certificates import Authority
from tests.fakes.ports import free_ports

from . import HOST, running_peer

PROGRAM = shutil.which("baresip")
NUMBER = "+15550100"
_MODULES = Path("/usr/lib/baresip/modules")


@asynccontextmanager
async def running_baresip(transport: Transport, folder: Path, authority: Authority) -> AsyncIterator[str]:
    """Have it take calls to NUMBER; answers the hostname that leads to it. Its TLS is one port above."""
    ports = free_ports(40)
    port = next(each for each in ports if each + 1 not in ports)
    identity = authority.issue(HOST)
    both = folder / "both.pem"
    both.write_text(identity.cert_file.read_text() + identity.key_file.read_text())
    (folder / "config").write_text(
        "\n".join(
            [
                f"sip_listen {HOST}:{port}",
                f"sip_certificate {both}",
                "call_local_timeout 120",
                "audio_player aubridge,echo",
                "audio_source aubridge,echo",
                "audio_alert aubridge,echo",
                "rtp_ports 30000-32000",
                "rtp_timeout 60",
                f"module_path {_MODULES}",
                *(f"module {name}.so" for name in ("g711", "aubridge")),
                *(f"module_app {name}.so" for name in ("account", "menu")),
                "",
            ]
        )
    )
    (folder / "accounts").write_text(
        f"<sip:{NUMBER}@{HOST}:{port};transport={transport.value}>;regint=0;answermode=auto;"
        "audio_codecs=PCMA/8000/1,PCMU/8000/1\n"
    )
    (folder / "contacts").write_text("")
    command = [PROGRAM or "baresip", "-f", folder, "-p", folder, "-v", "-s"]
    async with running_peer(command, port, folder):
        yield f"{HOST}:{port + (transport is Transport.TLS)}"
