"""provtui in a real terminal, on a real daemon: what an operator does with it, key by key."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from provd.client import Client
from provd.demo.carriers.accounts import TELNYX_KEY
from provtui.local import private_daemon
from tests.fakes.daemon import eventually, running_daemon, temporary_folder
from tests.fakes.tmux import PROGRAM, Tmux, provtui_in_tmux

# skip, as skipif is not counted in one line at the end
pytestmark = [
    pytest.mark.xdist_group("demo"),  # the carriers' APIs have one address on a machine
    *([] if PROGRAM else [pytest.mark.skip(reason="needs tmux: the Debian package tmux")]),
]


async def test_an_operators_walk_from_a_broken_provider_to_a_restored_revision() -> None:
    async with (
        temporary_folder() as folder,
        private_daemon(folder / "s", folder / "state") as children,
        Client(folder / "s") as client,
    ):
        await children.start_demo()
        async with provtui_in_tmux(folder, folder / "s") as terminal:
            # find the broken provider, and read its cause
            await terminal.until("3 unhealthy", "▌✗ unhealthy", "● live")
            await terminal.press("p")
            screen = await terminal.until("3 of 12")
            assert "✓ healthy" not in screen
            await terminal.press("Home")  # the cursor stays with whom it met first
            await terminal.until("▌✗ unhealthy Closed Door")
            await terminal.press("Enter")
            await terminal.until("Closed Door", "refuses", "→ Check the port")

            # check it now
            await terminal.press("c")
            await terminal.until("Check now  unhealthy")

            # edit it
            await terminal.press("e")
            await terminal.until("Edit Closed Door", "^s Save")
            await terminal.press(*["Tab"] * 6)
            await terminal.type("NOC +351 21 000")  # over what was there, which is selected
            await terminal.until("Detail       NOC +351 21 000")
            await terminal.press("C-s")
            await terminal.until("Closed Door: saved")

            # set a trunk up at a carrier
            await terminal.press("1", "n")
            await terminal.until("At which carrier?", "Telnyx (simulated)")
            await terminal.press("Down", "Down", "Down", "Enter")
            await terminal.until("It is checked at the carrier")
            await terminal.type(TELNYX_KEY)
            screen = await terminal.until("•" * len(TELNYX_KEY))
            assert TELNYX_KEY not in screen.replace(f"the API key is {TELNYX_KEY}", "")
            await terminal.press("Enter")
            await terminal.until("✓ Key", "Name *")
            await terminal.type("Practice")
            await terminal.press("Enter")
            await terminal.until("✓ Trunk", "calls to Telnyx (simulated)", "^s Set it up")
            await terminal.press("C-s")
            await terminal.until("Practice leads to", "First check")
            await terminal.press("Enter")
            await terminal.until("Practice", "✓ healthy")

            # make a route to it, and resolve a number
            await terminal.press("2")
            await terminal.until("a Add")
            await terminal.press("a")
            await terminal.until("Add a route")
            await terminal.type("United Kingdom\tPractice\t+44")
            await terminal.until("Target       +44 ")
            await terminal.press("C-s")
            await terminal.until("United Kingdom: saved")
            await terminal.press("n")
            await terminal.until("↵ Ask again")
            await terminal.type("+442071838750")
            await terminal.press("Enter")
            await terminal.until("+442071838750@", "Practice", "United Kingdom")
            await terminal.press("Escape")
            await terminal.until("a Add")

            # restore what the first one was
            await terminal.press("1")
            await terminal.until("13 ", "Closed Door")
            await terminal.type(":")
            await terminal.until("↵ Run")
            await terminal.type("provider Closed Door")
            await terminal.press("Enter")
            await terminal.until("NOC +351 21 000")
            await terminal.press("b")
            await terminal.until("↵ Restore", "detail")
            await terminal.press("Down", "Enter")
            await terminal.until("Restore revision 1")
            await terminal.press("Enter")
            found = await eventually(
                lambda: client.all_providers({"q": "Closed Door"}), lambda found: found[0].revision == 3
            )
            assert found[0].detail == "Dead: nothing listens on the port."
            await terminal.press("q")


async def test_keys_that_come_in_one_piece_do_what_they_would_one_by_one() -> None:
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        for name in ("Acme", "Delta", "Zeta"):
            await daemon.add("127.0.0.1:9", name)
        async with provtui_in_tmux(folder, daemon.socket) as terminal:
            await terminal.until("Acme", "Zeta", "● live")

            # a command, with what completes it
            await terminal.press(":provi", "Tab", "Space", "Zeta", "Enter")
            await terminal.until("Zeta", "o Over")
            await terminal.press("Escape")
            await terminal.until("STATE", "Delta")

            # a form: editing keys before Tab, at the end of one field and of the next
            await terminal.press(
                "aNovaX", "BSpace", "Tab", "sip.nova.examples", "BSpace", "Tab", "Tab", "Tab", "nova"
            )
            await terminal.until("Name         Nova ", "Hostname     sip.nova.example ", "Carrier      nova ")
            await terminal.press("C-s")
            await terminal.until("Nova: saved")

            # a filter, and the edit of what it leaves
            await terminal.press("/delta", "Enter")
            await terminal.until("1 of 4", "Delta")
            await terminal.press("e")
            await terminal.until("Edit Delta", "^s Save")
            await terminal.press("End", "BSpace", "BSpace", "Tab", "Home", "DC", "Tab", "C-s")
            await terminal.until("Del: saved")
            found = await eventually(
                lambda: daemon.client.all_providers({"q": "Del"}), lambda found: found[0].revision == 2
            )
            assert (found[0].name, found[0].hostname) == ("Del", "27.0.0.1:9")
            await terminal.press("q")


NAME = "[bold red]Evil[/] 東京\u0301\u0301 👩\u200d💻 " + "x" * 60
"""As hostile as the daemon takes a name."""
SEQUENCE = re.compile("\x1b\\[[0-9;:]*m")
"""What tmux writes of what it was told about colours; it keeps nothing else."""


class HostilePeer(asyncio.DatagramProtocol):
    """Answers every request with 404 and a reason phrase that clears the screen of who prints it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        headers = [
            line
            for line in data.split(b"\r\n")
            if line.split(b":")[0].lower() in (b"via", b"from", b"to", b"call-id", b"cseq")
        ]
        first = "SIP/2.0 404 Not\x1b[2J\x1b[1;1H\u202eFound\x9b31m".encode()
        answer = b"\r\n".join([first, *headers, b"Content-Length: 0", b"", b""])
        self.transport.sendto(answer, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def hostile_peer() -> AsyncIterator[str]:
    """Give the hostname of such a peer."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(HostilePeer, ("127.0.0.1", 0))
    try:
        yield "{}:{}".format(*transport.get_extra_info("sockname"))
    finally:
        transport.close()


async def harmless(terminal: Tmux) -> str:
    """Give the screen, to which nothing came as a sequence but colours, and no title was set."""
    drawn = await terminal.screen(with_sequences=True)
    plain = SEQUENCE.sub("", drawn)
    assert not [c for c in plain if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert await terminal.run("display-message", "-p", "#{pane_title}") != "owned\n"
    return plain


async def test_hostile_text_reaches_the_terminal_as_text() -> None:
    async with temporary_folder() as folder, running_daemon(folder) as daemon, hostile_peer() as hostname:
        added = await daemon.add(hostname, NAME)
        await daemon.until(added.id, lambda provider: provider.health.code == 404)
        async with provtui_in_tmux(folder, daemon.socket, (80, 50)) as terminal:
            await terminal.until("Evil", "404")
            await harmless(terminal)
            await terminal.press("Enter")
            await terminal.until("[bold red]Evil[/] 東京", "Facts")
            await harmless(terminal)
            await terminal.press("t")
            await terminal.until("404", r"Not\x1b[2J\x1b[1;1HFound\x9b31m")
            await harmless(terminal)
            await terminal.press("d")
            await terminal.until("Delete", "[bold red]Evil[/] 東京")
            await harmless(terminal)
