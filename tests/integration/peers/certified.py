"""Certificates made by the real ``openssl``, as an operator's own authority makes them."""

import asyncio
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.fakes.certificates import Identity

PROGRAM = shutil.which("openssl", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/bin")
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
_AUTHORITY = """
[req]
distinguished_name = name
[name]
[ca]
default_ca = authority
[authority]
database = {folder}/index
new_certs_dir = {folder}
certificate = {folder}/ca.crt
private_key = {folder}/ca.key
rand_serial = yes
default_md = sha256
policy = anything
copy_extensions = copy
unique_subject = no
[anything]
organizationName = optional
commonName = supplied
"""


async def openssl(folder: Path, *arguments: str) -> str:
    """Run it; answers what it says."""
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM or "openssl", *arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    if process.returncode != 0:
        raise AssertionError(f"openssl {arguments[0]} failed: {complaint.decode(errors='replace')}")
    return said.decode()


class OpenSslAuthority:
    """An issuer whose files are in ``folder``; to be made by ``made_authority``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cert_file = folder / "ca.crt"
        self._issued = 0

    async def issue(self, *names: str, ends_in: timedelta = timedelta(days=90)) -> Identity:
        """A certificate for ``names``, written like ``DNS:sip.example.com`` or ``IP:127.0.0.1``."""
        self._issued += 1
        stem = f"peer{self._issued}"
        subject = ("-subj", f"/O=Carrier/CN={names[0].partition(':')[2]}")
        wanted = ("-addext", f"subjectAltName={','.join(names)}", "-keyout", f"{stem}.key")
        await openssl(self.folder, "req", *_KEY, *subject, *wanted, "-out", f"{stem}.csr")
        ends = datetime.now(UTC) + ends_in
        begins = min(ends, datetime.now(UTC)) - timedelta(days=30)
        times = ("-startdate", f"{begins:%Y%m%d%H%M%SZ}", "-enddate", f"{ends:%Y%m%d%H%M%SZ}")
        files = ("-config", "ca.conf", "-in", f"{stem}.csr", "-out", f"{stem}.crt")
        await openssl(self.folder, "ca", "-batch", "-notext", *files, *times)
        return Identity(self.folder / f"{stem}.crt", self.folder / f"{stem}.key")


async def made_authority(folder: Path, name: str = "Example Root") -> OpenSslAuthority:
    """Make an issuer with a certificate of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "ca.conf").write_text(_AUTHORITY.format(folder=folder))
    (folder / "index").touch()
    ours = ("-keyout", "ca.key", "-out", "ca.crt", "-days", "90", "-subj", f"/O=Example/CN={name}")
    await openssl(folder, "req", "-x509", *_KEY, *ours)
    return OpenSslAuthority(folder)
