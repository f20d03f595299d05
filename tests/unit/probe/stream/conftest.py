"""A client for each test, and an authority that it can trust."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provd.probe.stream.tls import TlsFiles
from tests.fakes.certificates import Authority
from tests.unit.probe.stream.asking import Asker, asking


@pytest.fixture
async def asker() -> AsyncIterator[Asker]:
    async with asking() as made:
        yield made


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def trusting(authority: Authority) -> AsyncIterator[Asker]:
    """A client that trusts the test's own authority."""
    async with asking(TlsFiles(ca_file=authority.cert_file)) as made:
        yield made
