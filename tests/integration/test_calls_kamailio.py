"""What a real Kamailio writes of calls, which it sends as our export says, is what the import reads."""

from pathlib import Path

import pytest

from provd.calls.readers.registry import CallFormat
from provd.cli.calls.aside import SetAside
from provd.cli.calls.importing import Counts, Importer, Wanted
from tests.fakes.daemon import RunningDaemon
from tests.fakes.ports import free_port

from .callers import LONDON
from .peers import HOST
from .peers.kamailio import PROGRAM, running_accounting_kamailio
from .peers.sipp import PROGRAM as SIPP
from .peers.sipp import place_call, running_sipp

# skip, as skipif is not counted in one line at the end
pytestmark = (
    []
    if PROGRAM and SIPP
    else [pytest.mark.skip(reason="needs Kamailio and SIPp: the Debian packages kamailio and sip-tester")]
)


async def test_calls_are_of_the_provider_that_the_export_named(daemon: RunningDaemon, tmp_path: Path) -> None:
    port, carrier_folder, folder = free_port(), tmp_path / "carrier", tmp_path / "proxy"
    carrier_folder.mkdir()
    folder.mkdir()
    async with running_sipp("carrier", carrier_folder) as hostname:
        provider = await daemon.add(hostname, "the carrier", probe={"enabled": False})
        exported = await daemon.http.get("/v1.0/export", params={"format": "kamailio"})
        (folder / "dispatcher.list").write_text(exported.text)
        async with running_accounting_kamailio(port, folder):
            for _ in range(3):
                await place_call(LONDON, f"{HOST}:{port}", tmp_path)
    counts, log = Counts(), folder / "output.log"
    aside = SetAside(tmp_path / "rejected")
    wanted = Wanted(CallFormat.KAMAILIO_ACC)
    await Importer(daemon.client, log, wanted, counts, tmp_path / "progress", aside).once()
    assert (counts.created, aside.count) == (3, 0), log.read_text()
    stats = await daemon.client.call_stats(provider.id)
    assert (stats.calls.attempts, stats.calls.asr_pct) == (3, 100.0)
    assert [each.country for each in stats.countries] == ["GB"]
